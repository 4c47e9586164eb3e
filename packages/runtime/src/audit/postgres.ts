/**
 * Audit entries in PostgreSQL: rows in the transaction that made them true, chained afterwards.
 *
 * Table (a subgraph's migration `…_audit`): audit_entry(id uuid primary key, entry jsonb, seal bigint unique null, hash text null), whose
 * triggers refuse every change but the sealing of a row that has no seal yet.
 *
 * A row is written without its place in the chain: to know it, every transaction would have to wait for the one before. The sealer
 * gives committed rows their places a second or so later, in one transaction under an advisory lock.
 */
import type { SqlTransaction } from '@ebuy/events';
import { type AuditHead, beginningOf, headAfter, type SealedEntry, type StoredEntry, sealNext } from './chain.ts';
import type { AuditEntry } from './entry.ts';

const ADVISORY_LOCK = 0x6175_6469;
const ROWS_A_ROUND = 500;
const ROWS_A_PAGE = 2_000;
const LIMITS = { maxWait: 5_000, timeout: 10_000 } as const;

/** Entries as columns, for a statement that writes them beside their effect: `unnest` makes them rows `(id, entry)` again. */
export function auditColumns(entries: readonly AuditEntry[]) {
  return { ids: entries.map(({ id }) => id), entries: entries.map((entry) => JSON.stringify(entry)) };
}

/** Writes entries within the caller's transaction. */
export async function appendAudit(tx: SqlTransaction, ...audited: readonly AuditEntry[]): Promise<void> {
  if (audited.length === 0) return;
  const { ids, entries } = auditColumns(audited);
  await tx.$executeRawUnsafe(
    'INSERT INTO audit_entry (id, entry) SELECT id, entry::jsonb FROM unnest($1::uuid[], $2::text[]) AS audited(id, entry)',
    ids,
    entries,
  );
}

/** What the sealer needs of a database: every generated Prisma client has it. */
export interface SealedDatabase extends Pick<SqlTransaction, '$queryRawUnsafe'> {
  $transaction<Result>(
    work: (tx: SqlTransaction) => Promise<Result>,
    limits: { readonly maxWait: number; readonly timeout: number },
  ): Promise<Result>;
}

/**
 * Seals what is committed and has no seal, at most a round. Returns the chain's new head; null when there was nothing to do, or when
 * another replica is at it.
 */
export async function sealPostgresAudit(database: SealedDatabase, chain: string): Promise<AuditHead | null> {
  if ((await unsealed(database, 1)).length === 0) return null;
  return database.$transaction(async (tx) => {
    const [lock] = await tx.$queryRawUnsafe<{ locked: boolean }[]>(
      'SELECT pg_try_advisory_xact_lock($1::bigint) AS locked',
      ADVISORY_LOCK,
    );
    if (lock?.locked !== true) return null;
    let head = await newest(tx, chain);
    const rows: SealedEntry[] = [];
    for (const row of await unsealed(tx, ROWS_A_ROUND)) {
      const sealed = sealNext(head, row);
      rows.push(sealed);
      head = headAfter(head, sealed);
    }
    if (rows.length === 0) return null;
    const written = await tx.$executeRawUnsafe(
      `UPDATE audit_entry SET seal = sealed.seal::bigint, hash = sealed.hash
         FROM unnest($1::uuid[], $2::text[], $3::text[]) AS sealed(id, seal, hash)
        WHERE audit_entry.id = sealed.id AND audit_entry.seal IS NULL`,
      rows.map(({ id }) => id),
      rows.map(({ seal }) => String(seal)),
      rows.map(({ hash }) => hash),
    );
    if (written !== rows.length) throw new Error('Audit entries were sealed past the lock');
    return head;
  }, LIMITS);
}

/** By id, which is by time: what was committed later is sealed later, wherever its time would place it. */
function unsealed(database: Pick<SqlTransaction, '$queryRawUnsafe'>, most: number): Promise<StoredEntry[]> {
  return database.$queryRawUnsafe<StoredEntry[]>(
    `SELECT id::text, entry FROM audit_entry WHERE seal IS NULL ORDER BY audit_entry.id LIMIT ${most}`,
  );
}

async function newest(tx: SqlTransaction, chain: string): Promise<AuditHead> {
  const [row] = await tx.$queryRawUnsafe<{ seal: string; hash: string }[]>(
    'SELECT seal::text, hash FROM audit_entry WHERE seal IS NOT NULL ORDER BY audit_entry.seal DESC LIMIT 1',
  );
  return row === undefined ? beginningOf(chain) : { chain, seal: Number(row.seal), hash: row.hash };
}

/** A chain's rows in their order, a page at a time. */
export async function* readPostgresChain(
  database: Pick<SqlTransaction, '$queryRawUnsafe'>,
): AsyncGenerator<SealedEntry> {
  for (let after = 0; ; ) {
    const rows = await database.$queryRawUnsafe<(StoredEntry & { seal: string; hash: string })[]>(
      `SELECT id::text, entry, seal::text, hash FROM audit_entry WHERE seal > $1::bigint ORDER BY audit_entry.seal LIMIT ${ROWS_A_PAGE}`,
      after,
    );
    for (const row of rows) yield { ...row, seal: Number(row.seal) };
    const last = rows.at(-1);
    if (last === undefined || rows.length < ROWS_A_PAGE) return;
    after = Number(last.seal);
  }
}

/** Entries that have no place in the chain yet, the oldest first. */
export function readPostgresUnsealed(database: Pick<SqlTransaction, '$queryRawUnsafe'>): Promise<StoredEntry[]> {
  return unsealed(database, ROWS_A_PAGE);
}
