import { newId } from '@ebuy/kernel';
import { staff } from '@ebuy/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sign } from '../sandbox/webhooks.ts';
import { webhookKey } from '../src/provider/standard-webhooks.ts';
import { balances, cancelled, openStage, paidOrder, requested, type Stage, showPayment, untilStatus } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
}, 120_000);
afterAll(() => stage?.close());

async function send(
  body: string,
  change: { id?: string; seconds?: number; method?: string; path?: string; key?: Buffer } = {},
) {
  const id = change.id ?? `msg_${newId()}`;
  const timestamp = String(Math.floor(change.seconds ?? Date.now() / 1_000));
  const method = change.method ?? 'POST';
  const response = await fetch(`http://127.0.0.1:${stage.service.port}${change.path ?? '/webhooks/sandbox'}`, {
    method,
    headers: {
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': sign(change.key ?? webhookKey(stage.sandbox.webhookSecret), id, timestamp, body),
    },
    ...(method === 'POST' ? { body } : {}),
  });
  return response.status;
}

/** News as the provider words them, of an attempt whose second step is awaited. */
async function waiting() {
  const orderId = newId();
  const request = requested(orderId, 'pm_card_authenticationRequired');
  await stage.say(request);
  await untilStatus(stage, orderId, 'REQUIRES_ACTION');
  const [attempt] = await stage.database.query<{ provider_id: string }>(
    'SELECT provider_id FROM payment_attempt WHERE id = $1',
    [request.payload.attemptId],
  );
  const news = (change: Record<string, unknown> = {}) =>
    JSON.stringify({
      type: 'authorization.updated',
      timestamp: new Date().toISOString(),
      data: {
        id: attempt?.provider_id,
        reference: request.payload.attemptId,
        orderId,
        status: 'authorized',
        amountMinor: 2_000,
        currency: 'EUR',
        capturedMinor: 0,
        refundedMinor: 0,
        expiresAt: new Date(Date.now() + 86_400_000).toISOString(),
        nextActionUrl: null,
        failure: null,
        ...change,
      },
    });
  return { orderId, news };
}

test('signed news is applied once, and answered once it is committed', async () => {
  const { orderId, news } = await waiting();
  const id = `msg_${newId()}`;
  const body = news();
  const statuses = await Promise.all(Array.from({ length: 8 }, () => send(body, { id })));
  expect(new Set(statuses)).toEqual(new Set([204]));
  expect(await showPayment(stage, orderId)).toMatchObject({ status: 'AUTHORIZED' });
  expect(await send(news(), {})).toBe(204);
  expect(await balances(stage, orderId)).toEqual({ holds: 2_000, holds_contra: -2_000 });
  await stage.hear('payment.authorized', orderId);
  expect(stage.heard(orderId).map(({ type }) => type)).toEqual(['payment.actionRequired', 'payment.authorized']);
});

test('news that come late or out of order lead nowhere', async () => {
  const { orderId, news } = await waiting();
  expect(await send(news({ status: 'authorized' }))).toBe(204);
  for (const status of ['pending', 'requires_action', 'declined', 'voided', 'captured']) {
    const more = { nextActionUrl: 'http://127.0.0.1/x', failure: { code: 'card_declined', message: 'No.' } };
    expect(await send(news({ status, ...more }))).toBe(204);
  }
  expect(await showPayment(stage, orderId)).toMatchObject({ status: 'AUTHORIZED', failure: null, nextAction: null });
  await stage.say(cancelled(orderId));
  await untilStatus(stage, orderId, 'VOIDED');
  expect(await send(news({ status: 'authorized' }))).toBe(204);
  expect(await showPayment(stage, orderId)).toMatchObject({ status: 'VOIDED' });
  expect(await balances(stage, orderId)).toEqual({});
});

test('what is not the provider, or not about what was asked, changes nothing', async () => {
  const { orderId, news } = await waiting();
  expect(await send(news(), { key: Buffer.alloc(32, 9) })).toBe(401);
  expect(await send(news(), { seconds: Date.now() / 1_000 - 400 })).toBe(401);
  expect(await send('not json')).toBe(400);
  expect(await send(JSON.stringify({ type: 'authorization.updated', data: { status: 'authorized' } }))).toBe(400);
  expect(await send(news({ status: 'approved' }))).toBe(400);
  expect(await send(news({ nextActionUrl: 'javascript:alert(1)' }))).toBe(400);
  expect(await send(news({ amountMinor: 1 }))).toBe(422);
  expect(await send(news({ currency: 'JPY' }))).toBe(422);
  expect(await send(news({ reference: newId() }))).toBe(204);
  expect(await send('{}', { method: 'GET' })).toBe(405);
  expect(await send(news({ failure: { code: 'x', message: 'y'.repeat(70_000) } }))).toBe(413);
  expect(await send(news(), { path: '/webhooks/stripe' })).toBe(404);
  expect(await showPayment(stage, orderId)).toMatchObject({ status: 'REQUIRES_ACTION' });
  expect(await send(news())).toBe(204);
  expect(await showPayment(stage, orderId)).toMatchObject({ status: 'AUTHORIZED' });
});

test('a payment by its own id is for staff; an order that was never asked to pay has none', async () => {
  const orderId = await paidOrder(stage, 'pm_card_visa', 'authorized');
  const payment = await showPayment(stage, orderId);
  const query = 'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Payment { id status } } }';
  const r = [{ __typename: 'Payment', id: payment?.id }];
  const forShopper = await stage.router.ask<{ _entities: unknown[] }>(query, { r });
  expect(forShopper.result?._entities).toEqual([null]);
  const forStaff = await stage.router.ask<{ _entities: unknown[] }>(query, { r }, staff(['orders:read']));
  expect(forStaff.result?._entities).toEqual([{ id: payment?.id, status: 'AUTHORIZED' }]);
  for (const id of ['not-an-id', newId(), "' OR 1=1 --"]) expect(await showPayment(stage, id)).toBeNull();
});

test('the ledger cannot be changed, and takes nothing that does not sum to zero', async () => {
  const orderId = await paidOrder(stage);
  for (const statement of [
    'UPDATE ledger_entry SET amount_minor = 1',
    'DELETE FROM ledger_entry',
    'TRUNCATE ledger_entry',
    'DELETE FROM ledger_transaction',
  ]) {
    await expect(stage.database.query(statement)).rejects.toThrow(/append-only/);
  }
  const book = (amounts: readonly number[]) =>
    stage.database.transaction(async (tx) => {
      const id = newId();
      await tx.$executeRawUnsafe(
        `INSERT INTO ledger_transaction SELECT $1::uuid, 'REFUND', $2::uuid, $3::uuid, id, now() FROM payment WHERE order_id = $3::uuid`,
        id,
        newId(),
        orderId,
      );
      for (const [index, amount] of amounts.entries()) {
        const account = index === 0 ? 'refunds' : 'provider_clearing';
        await tx.$executeRawUnsafe(
          `INSERT INTO ledger_entry VALUES ($1::uuid, $2, $3::uuid, $4, 'EUR')`,
          id,
          account,
          orderId,
          amount,
        );
      }
    });
  await expect(book([100])).rejects.toThrow(/does not sum to zero/);
  await expect(book([100, -99])).rejects.toThrow(/does not sum to zero/);
  await book([100, -100]);
  const [sum] = await stage.database.query<{ sum: string }>('SELECT sum(amount_minor) FROM ledger_entry');
  expect(Number(sum?.sum)).toBe(0);
});

test('more is never refunded than was taken, whoever writes it', async () => {
  const orderId = await paidOrder(stage);
  const write = (change: string) => stage.database.query(`UPDATE payment SET ${change} WHERE order_id = $1`, [orderId]);
  await expect(write('refund_requested_minor = 2001')).rejects.toThrow(/check/);
  await expect(write('refunded_minor = 1')).rejects.toThrow(/check/);
  await expect(write('captured_minor = 2001')).rejects.toThrow(/check/);
});
