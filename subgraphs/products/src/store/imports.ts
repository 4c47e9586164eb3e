import { BROKE_OFF, type ImportProblem } from '../import/problem.ts';
import { auditedEnd, insertAudit } from './audit.ts';
import { type Database, Prisma, type Transaction } from './index.ts';

export type ImportStatus = 'RUNNING' | 'COMPLETED' | 'FAILED';

/** How far an import has come. */
export interface ImportProgress {
  readonly linesRead: number;
  readonly productsCreated: number;
  readonly productsUpdated: number;
  readonly productsUnchanged: number;
  readonly problemCount: number;
  /** The first by line, at most 1,000. */
  readonly problems: readonly ImportProblem[];
}

export interface ProductImport extends ImportProgress {
  readonly id: string;
  readonly status: ImportStatus;
  readonly currency: string;
  readonly publish: boolean;
  readonly createdAt: string;
  readonly finishedAt: string | null;
}

/** An import that is to be run by whoever holds the token, for as long as the lease is kept. */
export interface ClaimedImport {
  readonly id: string;
  readonly uploadId: string;
  readonly who: string;
  readonly correlationId: string;
  readonly currency: string;
  readonly publish: boolean;
  readonly attempts: number;
  readonly token: string;
}

/** How long a replica that died keeps an import from the others. */
const LEASE = Prisma.raw(`interval '5 seconds'`);
/** A file that ends its process, or whose end cannot be written, is not begun without end. */
const MAX_CLAIMS = 20;
/** Of an advisory lock: imports are counted and begun one after the other. */
const IMPORT_LOCK = 5_180_001;

/** False: too many wait or run. */
export async function insertImport(
  tx: Transaction,
  wanted: Pick<ClaimedImport, 'id' | 'uploadId' | 'who' | 'correlationId' | 'currency' | 'publish'>,
  mostAtOnce: number,
): Promise<boolean> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(${IMPORT_LOCK}::bigint)`;
  const inserted = await tx.$executeRaw(Prisma.sql`
    INSERT INTO product_import (id, upload_id, status, who, correlation_id, currency, publish)
    SELECT ${wanted.id}::uuid, ${wanted.uploadId}::uuid, 'RUNNING', ${wanted.who}, ${wanted.correlationId}, ${wanted.currency},
           ${wanted.publish}::boolean
     WHERE (SELECT count(*) FROM product_import WHERE status = 'RUNNING') < ${mostAtOnce}::int`);
  return inserted === 1;
}

export async function readImport(database: Database, id: string): Promise<ProductImport | null> {
  const [row] = await database.$queryRaw<
    (Omit<ProductImport, 'createdAt' | 'finishedAt'> & { createdAt: Date; finishedAt: Date | null })[]
  >(Prisma.sql`
    SELECT id, status, currency, publish, lines_read AS "linesRead", products_created AS "productsCreated",
           products_updated AS "productsUpdated", products_unchanged AS "productsUnchanged", problem_count AS "problemCount",
           problems, created_at AS "createdAt", finished_at AS "finishedAt"
      FROM product_import WHERE id = ${id}::uuid`);
  if (row === undefined) return null;
  return { ...row, createdAt: row.createdAt.toISOString(), finishedAt: row.finishedAt?.toISOString() ?? null };
}

/** Takes the oldest import that nobody runs, or whose runner has died; null when there is none. Ends those that were taken too often. */
export async function claimImport(database: Database, token: string): Promise<ClaimedImport | null> {
  await endHopeless(database);
  const [row] = await database.$queryRaw<ClaimedImport[]>(Prisma.sql`
    UPDATE product_import SET lease_token = ${token}::uuid, lease_until = now() + ${LEASE}, attempts = attempts + 1
     WHERE id = (SELECT id FROM product_import
                  WHERE status = 'RUNNING' AND (lease_until IS NULL OR lease_until < now()) AND attempts < ${MAX_CLAIMS}::int
                  ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING id, upload_id AS "uploadId", who, correlation_id AS "correlationId", currency, publish, attempts,
              lease_token AS token`);
  return row ?? null;
}

async function endHopeless(database: Database): Promise<void> {
  const isHopeless = Prisma.sql`status = 'RUNNING' AND attempts >= ${MAX_CLAIMS}::int AND lease_until < now()`;
  const hopeless = await database.$queryRaw<Pick<ClaimedImport, 'id' | 'correlationId'>[]>(
    Prisma.sql`SELECT id, correlation_id AS "correlationId" FROM product_import WHERE ${isHopeless}`,
  );
  for (const one of hopeless) {
    await database.$executeRaw(Prisma.sql`
      WITH hopeless AS (
        UPDATE product_import SET status = 'FAILED', finished_at = now(), problem_count = problem_count + 1,
               problems = problems || ${JSON.stringify([BROKE_OFF])}::jsonb
         WHERE id = ${one.id}::uuid AND ${isHopeless}
        RETURNING id
      ), forgotten AS (
        DELETE FROM import_outcome o USING hopeless h WHERE o.import_id = h.id
      )
      ${insertAudit([auditedEnd(one, { status: 'FAILED' })], Prisma.sql`hopeless`)}`);
  }
}

/** Writes how far it is, and keeps the lease; or ends it, which the audit is told. False: another runs it by now. */
export async function saveProgress(
  database: Database,
  { id, token, correlationId }: Pick<ClaimedImport, 'id' | 'token' | 'correlationId'>,
  progress: ImportProgress,
  status: ImportStatus = 'RUNNING',
): Promise<boolean> {
  const ended = status !== 'RUNNING';
  const { linesRead, productsCreated, productsUpdated, productsUnchanged, problemCount } = progress;
  const outcome = { status, linesRead, productsCreated, productsUpdated, productsUnchanged, problemCount };
  const audited = ended ? [auditedEnd({ id, correlationId }, outcome)] : [];
  const saved = await database.$queryRaw<unknown[]>(Prisma.sql`
    WITH saved AS (UPDATE product_import SET status = ${status}, lease_until = now() + ${LEASE}, lines_read = ${linesRead}::int,
      products_created = ${productsCreated}::int, products_updated = ${productsUpdated}::int,
      products_unchanged = ${productsUnchanged}::int, problem_count = ${problemCount}::int,
      problems = ${JSON.stringify(progress.problems)}::jsonb, finished_at = CASE WHEN ${ended}::boolean THEN now() END
     WHERE id = ${id}::uuid AND lease_token = ${token}::uuid AND status = 'RUNNING' RETURNING id),
    audited AS (${insertAudit(audited, Prisma.sql`saved`)})
    SELECT id FROM saved`);
  if (saved.length === 1 && ended) await database.$executeRaw`DELETE FROM import_outcome WHERE import_id = ${id}::uuid`;
  return saved.length === 1;
}

/** Gives an import back at once, for another replica. */
export async function giveBack(database: Database, { id, token }: Pick<ClaimedImport, 'id' | 'token'>): Promise<void> {
  await database.$executeRaw(Prisma.sql`
    UPDATE product_import SET lease_until = NULL, attempts = attempts - 1
     WHERE id = ${id}::uuid AND lease_token = ${token}::uuid AND status = 'RUNNING'`);
}

/** Another runs the import by now: whoever was frozen for longer than the lease must bring nothing in any more. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';

  constructor() {
    super('The import is run by another');
  }
}

/** A row if the import is run by who holds this token. */
export function heldBy({ importId, token }: { readonly importId: string; readonly token: string }): Prisma.Sql {
  return Prisma.sql`
    SELECT id FROM product_import WHERE id = ${importId}::uuid AND lease_token = ${token}::uuid AND status = 'RUNNING'`;
}

/** Notes, with the product's changes, that it is in. Throws LeaseLost. */
export async function insertOutcome(
  tx: Transaction,
  by: { readonly importId: string; readonly token: string; readonly ordinal: number },
): Promise<void> {
  const [row] = await tx.$queryRaw<{ held: boolean }[]>(Prisma.sql`
    WITH held AS (${heldBy(by)}), noted AS (
      INSERT INTO import_outcome (import_id, ordinal, created) SELECT id, ${by.ordinal}::int, false FROM held ON CONFLICT DO NOTHING
    )
    SELECT EXISTS (SELECT FROM held) AS held`);
  if (row?.held !== true) throw new LeaseLost();
}

/** Whether each product that went in before this run was made by it, by its place in the file. */
export async function readOutcomes(database: Database, importId: string): Promise<Map<number, boolean>> {
  const rows = await database.$queryRaw<{ ordinal: number; created: boolean }[]>(
    Prisma.sql`SELECT ordinal, created FROM import_outcome WHERE import_id = ${importId}::uuid`,
  );
  return new Map(rows.map(({ ordinal, created }) => [ordinal, created]));
}

export function pruneImports(database: Database): Promise<number> {
  return database.$executeRaw`
    DELETE FROM product_import WHERE status <> 'RUNNING' AND created_at < now() - interval '30 days'`;
}
