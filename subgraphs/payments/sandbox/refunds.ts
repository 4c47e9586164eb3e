/** Giving money back: at most what was captured, pending refunds included. */
import { newId } from '@ebuy/kernel';
import type pg from 'pg';
import { z } from 'zod';
import { type Answer, presentRefund, type RefundRow } from './answers.ts';
import { lock, money, refusedForGood } from './authorizations.ts';
import type { Database } from './database.ts';
import { behaviourOf } from './payment-methods.ts';
import { type KeyedRequest, onceByKey } from './replay.ts';
import { queueWebhook } from './webhooks.ts';

export const refundRequest = z.object({ authorizationId: z.string().max(100), reference: z.uuid(), ...money });

export function refund(
  database: Database,
  request: KeyedRequest & { readonly body: z.infer<typeof refundRequest> },
): Promise<Answer> {
  return onceByKey(database, request, async (client) => {
    const { authorizationId, reference, amountMinor, currency } = request.body;
    const authorization = await lock(client, authorizationId);
    if (authorization === null) return refusedForGood('unknown_authorization', 'There is no such authorization.');
    const left = Number(authorization.captured_minor) - Number(authorization.refunded_minor);
    if (currency !== authorization.currency || amountMinor < 1 || amountMinor > left) {
      return refusedForGood('amount_too_large', 'More cannot be refunded than was captured, nor in another currency.');
    }
    const behaviour = behaviourOf(authorization.payment_method);
    if (behaviour.refusesRefunds === true)
      return refusedForGood('refund_refused', 'The account behind the card is closed.');
    await client.query('UPDATE card_authorization SET refunded_minor = refunded_minor + $2 WHERE id = $1', [
      authorizationId,
      amountMinor,
    ]);
    const later = behaviour.settlesAfterMs ?? null;
    const { rows } = await client.query<RefundRow>(
      `INSERT INTO refund (id, reference, authorization_id, status, amount_minor, currency, settles_at)
       VALUES ($1, $2, $3, $4, $5, $6, now() + make_interval(secs => $7::float8 / 1000)) RETURNING *`,
      [
        `ref_${newId().replaceAll('-', '')}`,
        reference,
        authorizationId,
        later === null ? 'succeeded' : 'pending',
        amountMinor,
        currency,
        later,
      ],
    );
    const [row] = rows;
    if (row === undefined) throw new Error('A refund was not written');
    if (behaviour.webhookCopies !== undefined) {
      await queueWebhook(client, { type: 'refund.updated', data: presentRefund(row) }, behaviour.webhookCopies);
    }
    return { status: 200, body: presentRefund(row), kept: true };
  });
}

/** Settles refunds that were pending and are due; tells of each twice, for that is what webhooks do. */
export async function settlePendingRefunds(client: pg.PoolClient): Promise<boolean> {
  const { rows } = await client.query<RefundRow>(
    `UPDATE refund SET status = 'succeeded', settles_at = NULL
      WHERE id IN (SELECT id FROM refund WHERE settles_at <= now() AND status = 'pending' LIMIT 100 FOR UPDATE SKIP LOCKED)
      RETURNING *`,
  );
  for (const row of rows) await queueWebhook(client, { type: 'refund.updated', data: presentRefund(row) }, 2);
  return rows.length > 0;
}

export async function findRefund(database: Database, reference: string): Promise<Answer> {
  const { rows } = await database.query<RefundRow>('SELECT * FROM refund WHERE reference = $1', [reference]);
  return { status: 200, body: { refunds: rows.map(presentRefund) } };
}
