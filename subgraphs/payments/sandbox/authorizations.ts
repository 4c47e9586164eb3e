/** Holding money, taking it, letting go of it. Never more than was agreed, whatever is asked. */
import { randomBytes } from 'node:crypto';
import { newId } from '@ebuy/kernel';
import type pg from 'pg';
import { z } from 'zod';
import { type Answer, type AuthorizationRow, presentAuthorization, refused } from './answers.ts';
import type { Database } from './database.ts';
import type { Behaviour } from './payment-methods.ts';
import { behaviourOf } from './payment-methods.ts';
import { type Done, hashOf, type KeyedRequest, keptAnswer, onceByKey } from './replay.ts';
import { queueWebhook, type Telling } from './webhooks.ts';

export const money = {
  amountMinor: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
  currency: z.string().regex(/^[A-Z]{3}$/),
};

export const authorizationRequest = z.object({
  reference: z.uuid(),
  orderId: z.uuid(),
  ...money,
  paymentMethod: z.string().regex(/^[\x21-\x7e]{1,255}$/),
});
type AuthorizationRequest = z.infer<typeof authorizationRequest>;

export const captureRequest = z.object(money);

export interface Terms {
  readonly publicUrl: string;
  readonly authorizationSeconds: number;
}

/** One statement: the authorization, the answer to its key, and what a webhook is to say of it. */
export async function authorize(
  database: Database,
  request: KeyedRequest & { readonly body: AuthorizationRequest },
  terms: Terms,
): Promise<Answer> {
  const behaviour = behaviourOf(request.body.paymentMethod);
  const row = newAuthorization(request.body, behaviour, terms);
  const answer = { status: 200, body: presentAuthorization(row, terms.publicUrl) };
  const { rowCount } = await database.query({
    name: 'authorize',
    text: `
      WITH claimed AS (
        INSERT INTO kept_answer (idempotency_key, request_hash, status, body) VALUES ($1, $2, 200, $3)
        ON CONFLICT DO NOTHING RETURNING 1),
      told AS (
        INSERT INTO webhook (id, body, copies, due_at)
        SELECT t.id, t.body, t.copies, now() + make_interval(secs => t.delay_seconds)
          FROM claimed, jsonb_to_recordset($4) AS t(id text, body text, copies int, delay_seconds float8))
      INSERT INTO card_authorization (id, reference, order_id, payment_method, status, amount_minor, currency, expires_at, action_token,
        failure, settles_at)
      SELECT $5, $6, $7, $8, $9, $10, $11, $12, $13, $14::jsonb, now() + make_interval(secs => $15::float8 / 1000) FROM claimed`,
    values: [
      request.key,
      hashOf(request),
      JSON.stringify(answer.body),
      JSON.stringify(tellingsOf(row, behaviour, terms)),
      row.id,
      row.reference,
      row.order_id,
      row.payment_method,
      row.status,
      row.amount_minor,
      row.currency,
      row.expires_at,
      row.action_token,
      row.failure === null ? null : JSON.stringify(row.failure),
      row.status === 'pending' ? (behaviour.settlesAfterMs ?? 0) : null,
    ],
  });
  return rowCount === 1 ? answer : keptAnswer(database, request);
}

function newAuthorization(request: AuthorizationRequest, behaviour: Behaviour, terms: Terms): AuthorizationRow {
  return {
    id: `auth_${newId().replaceAll('-', '')}`,
    reference: request.reference,
    order_id: request.orderId,
    payment_method: request.paymentMethod,
    status: behaviour.outcome,
    amount_minor: String(request.amountMinor),
    currency: request.currency,
    captured_minor: '0',
    refunded_minor: '0',
    capture_tries: 0,
    expires_at: new Date(Date.now() + terms.authorizationSeconds * 1_000),
    action_token: behaviour.outcome === 'requires_action' ? randomBytes(32).toString('base64url') : null,
    failure: behaviour.failure ?? null,
  };
}

/** A pending one is told of too late on purpose: after the news that it was authorized. */
function tellingsOf(row: AuthorizationRow, { webhookCopies, settlesAfterMs }: Behaviour, { publicUrl }: Terms) {
  const telling: Telling = { type: 'authorization.updated', data: presentAuthorization(row, publicUrl) };
  const record = (copies: number, delaySeconds: number) => ({
    id: `msg_${newId().replaceAll('-', '')}`,
    body: JSON.stringify({ ...telling, timestamp: new Date().toISOString() }),
    copies,
    delay_seconds: delaySeconds,
  });
  if (webhookCopies !== undefined) return [record(webhookCopies, 0)];
  return row.status === 'pending' ? [record(1, (settlesAfterMs ?? 0) / 1_000 + 1)] : [];
}

export function capture(
  database: Database,
  id: string,
  request: KeyedRequest & { readonly body: z.infer<typeof captureRequest> },
  terms: Terms,
): Promise<Answer> {
  return onceByKey(database, request, async (client) => {
    const row = await lock(client, id);
    if (row === null) return refusedForGood('unknown_authorization', 'There is no such authorization.');
    const { amountMinor, currency } = request.body;
    if (row.status !== 'authorized') return refusedForGood(`is_${row.status}`, `The authorization is ${row.status}.`);
    if (row.expires_at.getTime() <= Date.now())
      return refusedForGood('authorization_expired', 'The authorization has ended.');
    if (currency !== row.currency || amountMinor > Number(row.amount_minor)) {
      return refusedForGood(
        'amount_too_large',
        'More cannot be captured than was authorized, nor in another currency.',
      );
    }
    if (row.capture_tries < (behaviourOf(row.payment_method).failingCaptures ?? 0)) {
      await client.query('UPDATE card_authorization SET capture_tries = capture_tries + 1 WHERE id = $1', [id]);
      return { ...refused(402, 'capture_failed', 'The bank could not be reached. Try again later.'), kept: false };
    }
    return changed(
      client,
      `UPDATE card_authorization SET status = 'captured', captured_minor = $2 WHERE id = $1`,
      [id, amountMinor],
      terms,
    );
  });
}

export function voidAuthorization(
  database: Database,
  id: string,
  request: KeyedRequest,
  terms: Terms,
): Promise<Answer> {
  return onceByKey(database, request, async (client) => {
    const row = await lock(client, id);
    if (row === null) return refusedForGood('unknown_authorization', 'There is no such authorization.');
    if (row.status === 'captured') return refusedForGood('is_captured', 'What was captured can only be refunded.');
    if (row.status === 'voided' || row.status === 'declined') {
      return { status: 200, body: presentAuthorization(row, terms.publicUrl), kept: true };
    }
    return changed(
      client,
      `UPDATE card_authorization SET status = 'voided', settles_at = NULL WHERE id = $1`,
      [id],
      terms,
    );
  });
}

/** The shopper's second step. False: there is none to take any more. */
export async function decideAction(
  client: pg.PoolClient,
  token: string,
  decision: 'approve' | 'decline',
  terms: Terms,
): Promise<boolean> {
  const failure = { code: 'authentication_failed', message: 'The shopper declined the second step.' };
  const { rows } = await client.query<AuthorizationRow>(
    `UPDATE card_authorization SET status = $2, failure = $3 WHERE action_token = $1 AND status = 'requires_action' RETURNING *`,
    decision === 'approve' ? [token, 'authorized', null] : [token, 'declined', JSON.stringify(failure)],
  );
  const [row] = rows;
  if (row === undefined) return false;
  await queueWebhook(client, { type: 'authorization.updated', data: presentAuthorization(row, terms.publicUrl) });
  return true;
}

/** Settles what was pending and is due. True: there is a webhook to send. */
export async function settlePending(client: pg.PoolClient, terms: Terms): Promise<boolean> {
  const { rows } = await client.query<AuthorizationRow>(
    `UPDATE card_authorization SET status = 'authorized', settles_at = NULL
      WHERE id IN (SELECT id FROM card_authorization WHERE settles_at <= now() AND status = 'pending' LIMIT 100 FOR UPDATE SKIP LOCKED)
      RETURNING *`,
  );
  for (const row of rows) {
    await queueWebhook(client, { type: 'authorization.updated', data: presentAuthorization(row, terms.publicUrl) });
  }
  return rows.length > 0;
}

export async function findAuthorization(database: Database, reference: string, terms: Terms): Promise<Answer> {
  const { rows } = await database.query<AuthorizationRow>('SELECT * FROM card_authorization WHERE reference = $1', [
    reference,
  ]);
  return { status: 200, body: { authorizations: rows.map((row) => presentAuthorization(row, terms.publicUrl)) } };
}

export async function lock(client: pg.PoolClient, id: string): Promise<AuthorizationRow | null> {
  const { rows } = await client.query<AuthorizationRow>('SELECT * FROM card_authorization WHERE id = $1 FOR UPDATE', [
    id,
  ]);
  return rows[0] ?? null;
}

export const refusedForGood = (code: string, message: string): Done => ({ ...refused(422, code, message), kept: true });

async function changed(client: pg.PoolClient, update: string, values: unknown[], terms: Terms): Promise<Done> {
  const { rows } = await client.query<AuthorizationRow>(`${update} RETURNING *`, values);
  const [row] = rows;
  if (row === undefined) throw new Error('A locked authorization is gone');
  return { status: 200, body: presentAuthorization(row, terms.publicUrl), kept: true };
}
