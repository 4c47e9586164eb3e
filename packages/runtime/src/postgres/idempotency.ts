/**
 * Idempotency keys (Stripe's semantics, the distinctions of the IETF draft `Idempotency-Key`).
 *
 * - The same key with the same input gets the first answer again, marked as replayed.
 * - The same key with another input is refused: IDEMPOTENCY_KEY_REUSED.
 * - While the first is still running: IDEMPOTENCY_KEY_IN_USE, which may be tried again.
 * - A key counts for its principal and operation only. Keys are kept {@link KEPT_HOURS} hours at least.
 * - A refusal, or a failure before anything was written, frees the key: nothing happened, so the shopper may correct and retry.
 *
 * Table: idempotency_key(principal, operation, key, request_hash, claim_id, lease_until, answer jsonb null, created_at),
 * primary key (principal, operation, key). `answer` is null while the first is running. The answer is written in the transaction
 * that makes the effect; a claimant that lost its lease cannot commit.
 */
import { createHash } from 'node:crypto';
import { deleteInRounds, type SqlTransaction } from '@ebuy/events';
import { Fault, newId, Refusal } from '@ebuy/kernel';

export const IDEMPOTENCY_KEY_MAX_CHARACTERS = 255;
export const KEPT_HOURS = 48;
const LEASE_SECONDS = 30;

export interface IdempotentRequest {
  /** Whose key it is: `user:<id>`, `cart:<id>` for a guest, `client:<id>`. */
  readonly principal: string;
  /** The mutation's name. */
  readonly operation: string;
  readonly key: string;
  /** What the key stands for: any JSON. Compared by the hash of its canonical form. */
  readonly input: unknown;
}

/** Handed to the work: called inside the transaction that makes the effect, with the answer to replay. */
export type Settle<Answer> = (tx: SqlTransaction, answer: Answer) => Promise<void>;

export interface IdempotentResult<Answer> {
  readonly answer: Answer;
  /** Whether it is the first answer given again. */
  readonly replayed: boolean;
}

interface KeyRow {
  readonly request_hash: string;
  readonly answer: unknown;
}

/**
 * Runs `work` once a key. `work` must call `settle` in its transaction; `Answer` is JSON, by convention the ids of what was made,
 * so that a replay shows it as it is now.
 */
export async function once<Answer>(
  db: SqlTransaction,
  request: IdempotentRequest,
  work: (settle: Settle<Answer>) => Promise<Answer>,
): Promise<IdempotentResult<Answer>> {
  if (!/^[\P{Cc}]+$/u.test(request.key) || request.key.length > IDEMPOTENCY_KEY_MAX_CHARACTERS) {
    throw new Refusal(
      'INVALID_IDEMPOTENCY_KEY',
      `An idempotency key has 1 to ${IDEMPOTENCY_KEY_MAX_CHARACTERS} characters, none of them a control character.`,
      {
        field: ['idempotencyKey'],
      },
    );
  }
  const hash = createHash('sha256').update(canonical(request.input)).digest('hex');
  const claimId = newId();
  if (!(await claim(db, request, hash, claimId)))
    return { answer: await replay<Answer>(db, request, hash), replayed: true };
  try {
    const answer = await work((tx, settled) => settle(tx, request, claimId, settled));
    return { answer, replayed: false };
  } catch (error) {
    await release(db, request, claimId).catch(() => undefined);
    throw error;
  }
}

/** True: ours to run. Also takes over a claim whose holder has died. */
async function claim(db: SqlTransaction, request: IdempotentRequest, hash: string, claimId: string): Promise<boolean> {
  const claimed = await db.$executeRawUnsafe(
    `INSERT INTO idempotency_key (principal, operation, key, request_hash, claim_id, lease_until)
     VALUES ($1, $2, $3, $4, $5::uuid, now() + make_interval(secs => ${LEASE_SECONDS}))
     ON CONFLICT (principal, operation, key) DO UPDATE SET claim_id = EXCLUDED.claim_id, lease_until = EXCLUDED.lease_until
       WHERE idempotency_key.answer IS NULL AND idempotency_key.lease_until < now()
         AND idempotency_key.request_hash = EXCLUDED.request_hash`,
    request.principal,
    request.operation,
    request.key,
    hash,
    claimId,
  );
  return claimed === 1;
}

async function replay<Answer>(db: SqlTransaction, request: IdempotentRequest, hash: string): Promise<Answer> {
  const [row] = await db.$queryRawUnsafe<KeyRow[]>(
    'SELECT request_hash, answer FROM idempotency_key WHERE principal = $1 AND operation = $2 AND key = $3',
    request.principal,
    request.operation,
    request.key,
  );
  if (row !== undefined && row.request_hash !== hash) {
    throw new Refusal('IDEMPOTENCY_KEY_REUSED', 'This idempotency key was used with another input. Make a new key.', {
      field: ['idempotencyKey'],
    });
  }
  if (row === undefined || row.answer === null) {
    throw new Refusal(
      'IDEMPOTENCY_KEY_IN_USE',
      'The first request with this idempotency key is still running. Try again in a moment.',
      {
        field: ['idempotencyKey'],
      },
    );
  }
  return row.answer as Answer;
}

async function settle(tx: SqlTransaction, request: IdempotentRequest, claimId: string, answer: unknown): Promise<void> {
  const settled = await tx.$executeRawUnsafe(
    `UPDATE idempotency_key SET answer = $5::jsonb
      WHERE principal = $1 AND operation = $2 AND key = $3 AND claim_id = $4::uuid AND answer IS NULL`,
    request.principal,
    request.operation,
    request.key,
    claimId,
    JSON.stringify(answer),
  );
  if (settled !== 1)
    throw new Fault('The claim on an idempotency key was lost before the work was done', { retryable: true });
}

async function release(db: SqlTransaction, request: IdempotentRequest, claimId: string): Promise<void> {
  await db.$executeRawUnsafe(
    'DELETE FROM idempotency_key WHERE principal = $1 AND operation = $2 AND key = $3 AND claim_id = $4::uuid AND answer IS NULL',
    request.principal,
    request.operation,
    request.key,
    claimId,
  );
}

/** Deletes keys past their time, a bounded number a call, each round by itself. Run it as a sweep, hourly or so. */
export function pruneIdempotencyKeys(db: SqlTransaction): Promise<number> {
  return deleteInRounds(db, 'idempotency_key', `created_at < now() - make_interval(hours => ${KEPT_HOURS})`);
}

/** JSON with its keys sorted: the same input in another order is the same input. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const fields = Object.entries(value).filter(([, field]) => field !== undefined && field !== null);
    return `{${fields
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, field]) => `${JSON.stringify(name)}:${canonical(field)}`)
      .join(',')}}`;
  }
  return JSON.stringify(value ?? null);
}
