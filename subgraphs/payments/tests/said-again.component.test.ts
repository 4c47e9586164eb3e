/** What orders asks of payments to see whether it has followed, and what it then says again. */
import { CONSUMER_GROUPS, newEvent } from '@ebuy/events';
import { newId } from '@ebuy/kernel';
import { eventually } from '@ebuy/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { paymentStates } from '../src/queries/payment-states.ts';
import { openStore, type Store } from '../src/store/index.ts';
import { callsOf, cancelled, openStage, paidOrder, requested, type Stage, shipped } from './stage.ts';

const TRACE = { correlationId: 'test', causationId: null };
let stage: Stage;
let store: Store;
beforeAll(async () => {
  stage = await openStage();
  store = openStore(stage.settings.databaseUrl);
}, 60_000);
afterAll(async () => {
  await store?.$disconnect();
  await stage?.close();
});

const ours = (sql: string, values: unknown[]) => stage.database.query(sql, values);

test('orders is told how far payments are, and of cancellations that came first; the router is told nothing', async () => {
  const [held, taken, unheard] = [
    await paidOrder(stage, 'pm_card_visa', 'authorized'),
    await paidOrder(stage),
    newId(),
  ];
  const early = newId();
  await stage.say(cancelled(early));
  await eventually(async () => {
    expect(await ours('SELECT FROM cancelled_order WHERE order_id = $1', [early])).toHaveLength(1);
  });
  const states = await paymentStates(store, [held, taken, unheard, early, 'no id']);
  const of = (orderId: string) => states.find((state) => state.orderId === orderId);
  const none = { cancelled: false, captureRequested: false, taken: false };
  expect(of(held)).toMatchObject({ ...none, status: 'AUTHORIZED', attemptId: expect.any(String) });
  expect(of(taken)).toMatchObject({ status: 'CAPTURED', captureRequested: true, taken: true, cancelled: false });
  expect(of(early)).toEqual({ ...none, orderId: early, status: null, attemptId: null, cancelled: true });
  expect(states).toHaveLength(3);
  const { errors } = await stage.router.ask(`{ paymentsOfOrders(orderIds: ["${held}"]) { orderId } }`);
  expect(errors.map(({ extensions }) => extensions?.code)).toEqual(['FORBIDDEN']);
});

test('what orders says again, by events of their own, is a repetition', async () => {
  const [held, gone, taken] = [newId(), newId(), newId()];
  const requests = [held, gone, taken].map((orderId) => requested(orderId, 'pm_card_visa'));
  await stage.say(...requests);
  for (const orderId of [held, gone, taken]) await stage.hear('payment.authorized', orderId);
  await stage.say(cancelled(gone), shipped(taken));
  await stage.hear('payment.voided', gone);
  await stage.hear('payment.captured', taken);
  const seen = async () => [
    stage.heard(held).length + stage.heard(gone).length + stage.heard(taken).length,
    await ours('SELECT id, version, status FROM payment WHERE order_id = ANY($1) ORDER BY id', [[held, gone, taken]]),
    await Promise.all([held, gone, taken].map((orderId) => callsOf(stage, orderId))),
    await Promise.all([held, gone, taken].map((orderId) => stage.sandbox.charges(orderId))),
  ];
  const before = await seen();
  const again = requests.map(({ payload }) => newEvent('order.paymentRequested', payload, TRACE));
  await stage.say(...again, cancelled(gone), shipped(taken));
  await stage.kafka.caughtUp(CONSUMER_GROUPS.settlePayments);
  expect(await seen()).toEqual(before);
});
