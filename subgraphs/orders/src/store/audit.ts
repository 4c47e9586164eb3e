import { type AuditEntry, auditColumns } from '@ebuy/runtime';
import { Prisma } from '../generated/prisma/client.ts';

/** An insert for a larger statement: only if `condition`, a table or CTE of at most one row, has its row. */
export function insertAudit(audited: readonly AuditEntry[], condition: Prisma.Sql): Prisma.Sql {
  const { ids, entries } = auditColumns(audited);
  return Prisma.sql`
    INSERT INTO audit_entry (id, entry)
    SELECT audited.id, audited.entry::jsonb
      FROM ${condition}, unnest(${ids}::uuid[], ${entries}::text[]) AS audited(id, entry)`;
}
