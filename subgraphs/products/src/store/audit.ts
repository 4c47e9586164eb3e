import { type AuditEntry, auditColumns, auditorOfService } from '@ebuy/runtime';
import { Prisma } from './index.ts';

/** An insert for a larger statement: only if `condition`, a CTE of at most one row, has its row. */
export function insertAudit(audited: readonly AuditEntry[], condition: Prisma.Sql): Prisma.Sql {
  const { ids, entries } = auditColumns(audited);
  return Prisma.sql`
    INSERT INTO audit_entry (id, entry)
    SELECT audited.id, audited.entry::jsonb
      FROM ${condition}, unnest(${ids}::uuid[], ${entries}::text[]) AS audited(id, entry)`;
}

/** An import that came to its end, by itself: nobody waits for it there. */
export function auditedEnd(
  { id, correlationId }: { readonly id: string; readonly correlationId: string },
  detail: { readonly status: string } & Readonly<Record<string, string | number>>,
): AuditEntry {
  const audit = auditorOfService('products', { correlationId, causationId: null });
  return audit({ action: 'endImport', aggregate: { type: 'ProductImport', id }, detail });
}
