/**
 * What reconciliations remember in PostgreSQL.
 *
 * Tables: reconciliation(job text primary key, begun_at timestamptz, position text), one row a job; and, where a service reports what
 * it found, discrepancy(job, kind, subject, details jsonb, rounds integer, first_seen, last_seen, resolved_at), primary key (job, kind, subject).
 */
import type { SqlTransaction } from '@ebuy/events';
import type { Discrepancy } from './findings.ts';

/** Sweeps come with a jitter of a tenth: the round after this one must not be taken for a second of the same. */
const SAME_ROUND = 0.8;

/** Claims a job's round. False: another replica began it less than a round ago. */
export async function beginRound(db: SqlTransaction, job: string, everyMs: number): Promise<boolean> {
  const begun = await db.$executeRawUnsafe(
    `INSERT INTO reconciliation (job, begun_at) VALUES ($1, now())
     ON CONFLICT (job) DO UPDATE SET begun_at = now()
       WHERE reconciliation.begun_at < now() - make_interval(secs => $2::float8)`,
    job,
    (everyMs * SAME_ROUND) / 1_000,
  );
  return begun === 1;
}

/** Where the round before has stopped; null at the beginning. */
export async function readPosition(db: SqlTransaction, job: string): Promise<string | null> {
  const rows = await db.$queryRawUnsafe<{ position: string | null }[]>(
    'SELECT position FROM reconciliation WHERE job = $1',
    job,
  );
  return rows[0]?.position ?? null;
}

export async function keepPosition(db: SqlTransaction, job: string, position: string | null): Promise<void> {
  await db.$executeRawUnsafe(
    `INSERT INTO reconciliation (job, begun_at, position) VALUES ($1, now(), $2)
     ON CONFLICT (job) DO UPDATE SET position = EXCLUDED.position`,
    job,
    position,
  );
}

/**
 * Records what was found wrong with these subjects, and that whatever else was wrong with them is no more.
 *
 * @param subjects all that were compared, at most some thousands
 */
export async function noteDiscrepancies(
  db: SqlTransaction,
  job: string,
  subjects: readonly string[],
  found: readonly Discrepancy[],
): Promise<void> {
  if (subjects.length === 0) return;
  await db.$executeRawUnsafe(
    `WITH found AS (
       SELECT * FROM jsonb_to_recordset($3::jsonb) AS f(kind text, subject text, details jsonb)
     ), resolved AS (
       UPDATE discrepancy d SET resolved_at = now()
        WHERE d.job = $1 AND d.subject = ANY($2::text[]) AND d.resolved_at IS NULL
          AND NOT EXISTS (SELECT FROM found f WHERE f.kind = d.kind AND f.subject = d.subject)
     )
     INSERT INTO discrepancy AS d (job, kind, subject, details) SELECT $1, kind, subject, details FROM found
     ON CONFLICT (job, kind, subject) DO UPDATE
       SET details = EXCLUDED.details, last_seen = now(), rounds = CASE WHEN d.resolved_at IS NULL THEN d.rounds + 1 ELSE 1 END,
           first_seen = CASE WHEN d.resolved_at IS NULL THEN d.first_seen ELSE now() END, resolved_at = NULL`,
    job,
    [...subjects],
    JSON.stringify(found),
  );
}

export interface OpenDiscrepancy extends Discrepancy {
  /** In how many rounds in a row it was seen. */
  readonly rounds: number;
}

/** What is not resolved, the oldest first, at most a thousand. */
export async function openDiscrepancies(db: SqlTransaction, job: string): Promise<OpenDiscrepancy[]> {
  return db.$queryRawUnsafe<OpenDiscrepancy[]>(
    `SELECT kind, subject, details, rounds FROM discrepancy WHERE job = $1 AND resolved_at IS NULL ORDER BY first_seen LIMIT 1000`,
    job,
  );
}
