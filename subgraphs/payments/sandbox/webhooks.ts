/**
 * News for the shop: stored with what they tell, signed (Standard Webhooks: HMAC-SHA256 over `id.timestamp.body`), sent until they are
 * answered with 2xx. At least once, in no particular order, also after a crash.
 */
import { createHmac } from 'node:crypto';
import { newId } from '@ebuy/kernel';
import type { Logger } from '@ebuy/runtime';
import type pg from 'pg';
import type { Database } from './database.ts';

const LEASE_SECONDS = 15;
const DEADLINE_MS = 5_000;
const BATCH = 20;
const LONGEST_PAUSE_SECONDS = 60;

export interface Telling {
  readonly type: 'authorization.updated' | 'refund.updated';
  readonly data: unknown;
}

interface WebhookRow {
  readonly id: string;
  readonly body: string;
  readonly copies: number;
}

/** Within the transaction that makes it true. */
export async function queueWebhook(client: pg.PoolClient | Database, telling: Telling, copies = 1): Promise<void> {
  const body = JSON.stringify({ ...telling, timestamp: new Date().toISOString() });
  await client.query('INSERT INTO webhook (id, body, copies) VALUES ($1, $2, $3)', [
    `msg_${newId().replaceAll('-', '')}`,
    body,
    copies,
  ]);
}

export interface WebhookSettings {
  readonly webhookUrl: string;
  readonly webhookKeys: readonly Buffer[];
}

/** Sends what is due; returns whether there may be more. */
export async function sendDueWebhooks(database: Database, settings: WebhookSettings, logger: Logger): Promise<boolean> {
  const { rows } = await database.query<WebhookRow>({
    name: 'due-webhooks',
    text: `UPDATE webhook SET tries = tries + 1, due_at = now() + make_interval(secs => ${LEASE_SECONDS})
            WHERE id IN (SELECT id FROM webhook WHERE delivered_at IS NULL AND due_at <= now()
                          ORDER BY due_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)
            RETURNING id, body, copies`,
  });
  await Promise.all(rows.map((row) => deliver(database, settings, row, logger)));
  return rows.length === BATCH;
}

async function deliver(database: Database, settings: WebhookSettings, row: WebhookRow, logger: Logger): Promise<void> {
  const copies = Array.from({ length: row.copies }, () => send(settings, row));
  const problems = (await Promise.allSettled(copies)).filter((result) => result.status === 'rejected');
  if (problems.length === 0) {
    await database.query('UPDATE webhook SET delivered_at = now() WHERE id = $1', [row.id]);
    return;
  }
  logger.warn({ webhookId: row.id, err: problems[0]?.reason }, 'a webhook was not accepted; it is sent again');
  await database.query(
    `UPDATE webhook SET due_at = now() + make_interval(secs => least(0.5 * 2 ^ least(tries, 10), ${LONGEST_PAUSE_SECONDS})) WHERE id = $1`,
    [row.id],
  );
}

async function send({ webhookUrl, webhookKeys }: WebhookSettings, { id, body }: WebhookRow): Promise<void> {
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const response = await fetch(webhookUrl, {
    method: 'POST',
    redirect: 'error',
    signal: AbortSignal.timeout(DEADLINE_MS),
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': webhookKeys.map((key) => sign(key, id, timestamp, body)).join(' '),
    },
    body,
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`answered ${response.status}`);
}

export function sign(key: Buffer, id: string, timestamp: string, body: string): string {
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
}

/** What was delivered is of no use after a week. */
export async function pruneDeliveries(database: Database): Promise<void> {
  await database.query(`DELETE FROM webhook WHERE delivered_at < now() - interval '7 days'`);
  await database.query(`DELETE FROM trial WHERE created_at < now() - interval '7 days'`);
}
