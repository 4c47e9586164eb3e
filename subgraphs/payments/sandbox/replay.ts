/** Idempotency keys: the first answer is kept with what it did, in one transaction, and given again. */
import { createHash } from 'node:crypto';
import type pg from 'pg';
import { type Answer, refused } from './answers.ts';
import { type Database, inTransaction } from './database.ts';

export interface KeyedRequest {
  readonly key: string;
  readonly path: string;
  readonly body: unknown;
}

/** What was done, and whether the key is used up by it: an answer for now only is not kept. */
export interface Done extends Answer {
  readonly kept: boolean;
}

/** Runs `work` unless the key was used. Another request with the key waits for the first. */
export function onceByKey(
  database: Database,
  request: KeyedRequest,
  work: (client: pg.PoolClient) => Promise<Done>,
): Promise<Answer> {
  return inTransaction(database, async (client) => {
    const { rowCount } = await client.query({
      name: 'claim-key',
      text: 'INSERT INTO kept_answer (idempotency_key, request_hash) VALUES ($1, $2) ON CONFLICT DO NOTHING',
      values: [request.key, hashOf(request)],
    });
    if (rowCount === 0) return keptAnswer(client, request);
    const done = await work(client);
    if (done.kept) {
      await client.query({
        name: 'keep-answer',
        text: 'UPDATE kept_answer SET status = $2, body = $3 WHERE idempotency_key = $1',
        values: [request.key, done.status, JSON.stringify(done.body)],
      });
    } else {
      await client.query('DELETE FROM kept_answer WHERE idempotency_key = $1', [request.key]);
    }
    return done;
  });
}

export async function keptAnswer(client: pg.PoolClient | Database, request: KeyedRequest): Promise<Answer> {
  const { rows } = await client.query<{ request_hash: string; status: number | null; body: string | null }>(
    'SELECT request_hash, status, body FROM kept_answer WHERE idempotency_key = $1',
    [request.key],
  );
  const [kept] = rows;
  if (kept === undefined || kept.status === null || kept.body === null) {
    return refused(409, 'idempotency_key_in_use', 'The first request with this key is still running.');
  }
  if (kept.request_hash !== hashOf(request)) {
    return refused(400, 'idempotency_key_reused', 'This key was used for another request.');
  }
  return { status: kept.status, body: JSON.parse(kept.body) as unknown };
}

export function hashOf({ path, body }: KeyedRequest): string {
  return createHash('sha256')
    .update(JSON.stringify([path, body]))
    .digest('hex');
}

/** Counts a request, also one that fails: the first is 1. */
export async function countTry(database: Database, key: string): Promise<number> {
  const { rows } = await database.query<{ tries: number }>(
    `INSERT INTO trial (idempotency_key, tries) VALUES ($1, 1)
     ON CONFLICT (idempotency_key) DO UPDATE SET tries = trial.tries + 1 RETURNING tries`,
    [key],
  );
  return rows[0]?.tries ?? 1;
}
