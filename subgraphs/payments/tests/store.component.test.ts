import { newId } from '@ebuy/kernel';
import { openTestPostgres, type TestDatabase } from '@ebuy/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openPayment, settleAuthorization } from '../src/domain/authorizing.ts';
import { writeDecision } from '../src/store/decisions.ts';
import { inTransaction, openStore, type Store } from '../src/store/index.ts';
import { lockPaymentOf } from '../src/store/payments.ts';
import { postponeCall, takeDueCalls } from '../src/store/provider-calls.ts';
import { pruneSettled } from '../src/store/prune.ts';

const TRACE = { correlationId: 'test', causationId: null };
let database: TestDatabase;
let store: Store;
beforeAll(async () => {
  database = await openTestPostgres('payments');
  store = openStore(database.url);
});
afterAll(async () => {
  await store.$disconnect();
  await database.drop();
});

function opened(orderId = newId()) {
  const request = {
    orderId,
    attemptId: newId(),
    amount: { amountMinor: 500, currency: 'EUR' },
    paymentMethod: 'pm_card_visa',
    trace: TRACE,
  };
  return openPayment(newId(), request, new Date());
}
const write = (decision: ReturnType<typeof opened>) =>
  inTransaction(store, (tx) => writeDecision(tx, decision, TRACE, null));

test('the schema that Prisma reads agrees with the migration: every column of every table is there', async () => {
  await store.payment.findFirst();
  await store.paymentAttempt.findFirst();
  await store.refund.findFirst();
  await store.providerCall.findFirst();
  await store.providerEvent.findFirst();
  await store.cancelledOrder.findFirst();
  await store.ledgerTransaction.findFirst();
  await store.ledgerEntry.findFirst();
  await store.outbox.findFirst();
  await store.inbox.findFirst();
  await store.idempotencyKey.findFirst();
});

test('a decision is written as a whole, and reads back as it was', async () => {
  const decision = opened();
  const calls = await write(decision);
  expect(calls).toMatchObject([{ kind: 'authorize', attemptId: decision.attempt?.id, wanted: true }]);
  const locked = await inTransaction(store, (tx) => lockPaymentOf(tx, decision.payment.orderId));
  expect(locked).toEqual({ payment: decision.payment, attempt: decision.attempt, refund: null });
});

test('of two decisions upon the same state one is written, and of the other nothing', async () => {
  const { payment, attempt } = opened();
  if (attempt === null) throw new Error('no attempt');
  await write({ ...opened(payment.orderId), payment, attempt, calls: [] });
  const news = { status: 'AUTHORIZED' as const, providerId: 'auth_1', endsAt: new Date() };
  const settle = () => {
    const decision = settleAuthorization(payment, attempt, news, new Date());
    if (decision === null) throw new Error('nothing new');
    return write(decision);
  };
  const written = await Promise.all([settle(), settle(), settle(), settle()]);
  expect(written.filter((calls) => calls !== null)).toHaveLength(1);
  expect(await database.query('SELECT FROM ledger_entry WHERE order_id = $1', [payment.orderId])).toHaveLength(2);
  expect(await database.query('SELECT FROM outbox WHERE key = $1', [payment.id])).toHaveLength(1);
});

test('two payments for one order at the same moment: one is opened', async () => {
  const orderId = newId();
  const written = await Promise.all([write(opened(orderId)), write(opened(orderId)), write(opened(orderId))]);
  expect(written.filter((calls) => calls !== null)).toHaveLength(1);
  expect(
    await database.query('SELECT FROM payment_attempt a JOIN payment p ON p.id = payment_id WHERE order_id = $1', [
      orderId,
    ]),
  ).toHaveLength(1);
});

test('calls are taken once, the longest due first, and not before their lease or their time is over', async () => {
  await database.query(`UPDATE provider_call SET state = 'DONE'`);
  await Promise.all(Array.from({ length: 10 }, () => write(opened())));
  const take = (most: number) => takeDueCalls(store, most, new Date());
  expect(await take(10)).toEqual([]);
  await database.query(`UPDATE provider_call SET lease_until = now() - interval '1 second'`);
  const taken = (await Promise.all([take(4), take(4), take(4), take(4)])).flat();
  expect(new Set(taken.map(({ id }) => id)).size).toBe(taken.length);
  expect([...taken, ...(await take(10))]).toHaveLength(10);
  expect(await take(10)).toEqual([]);
  const [first, second] = taken;
  await postponeCall(store, first?.id ?? '', -1_000, 'nobody answered');
  await postponeCall(store, second?.id ?? '', 60_000, null);
  expect(await take(10)).toMatchObject([{ id: first?.id, tries: 1, paymentMethod: 'pm_card_visa', wanted: true }]);
});

test('what is long over is deleted; what waits, payments and the ledger stay', async () => {
  await database.query(
    `UPDATE provider_call SET state = 'DONE', done_at = now() - interval '101 days' WHERE tries = 1`,
  );
  await database.query(
    `INSERT INTO provider_event VALUES ('sandbox', 'old', now() - interval '101 days'), ('sandbox', 'new', now())`,
  );
  await database.query(`INSERT INTO cancelled_order VALUES ('${newId()}', now() - interval '101 days')`);
  expect(await pruneSettled(store)).toBe(3);
  expect(await pruneSettled(store)).toBe(0);
  expect(await database.query('SELECT FROM provider_event')).toHaveLength(1);
});
