// What becomes of an order after it was acknowledged: its shopper pays, cancels or waits; staff ship, deliver and refund.
import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '@ebuy/kernel';
import type { Order, Payload } from '@ebuy/tools/demo/shapes.ts';
import { opened } from '../client/purchase.ts';
import { openSecondStep } from '../client/second-step.ts';
import { ANSWER_DEADLINE_MS, insist, Unanswered } from './insist.ts';
import type { Entry } from './journal.ts';
import type { Scene } from './scene.ts';
import { type OrderPlan, REFUND_FAILS_CARD } from './schedule.ts';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 700;
const ANOTHER_CARD = 'pm_card_mastercard';

/** Takes an order as far as its plan says, and notes what was promised on the way. */
export async function follow(scene: Scene, plan: OrderPlan, entry: Entry): Promise<void> {
  if (plan.ending === 'cancelAtOnce') await cancel(scene, entry);
  const settled = await settlePayment(scene, plan, entry);
  if (settled.status !== 'CONFIRMED') return;
  if (plan.ending === 'cancelConfirmed') await cancel(scene, entry);
  if (['ship', 'deliver', 'refund', 'refundPart'].includes(plan.ending)) await ship(scene, entry);
  if (plan.ending === 'deliver') await deliver(scene, entry);
  if (plan.ending === 'refund' || plan.ending === 'refundPart') await refund(scene, plan, entry);
}

/** Looks at an order until it is as a check wants it. */
export async function until(
  scene: Scene,
  entry: Entry,
  wish: string,
  check: (order: Order) => boolean,
): Promise<Order> {
  const deadline = performance.now() + ANSWER_DEADLINE_MS;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 1.4, LONGEST_PAUSE_MS)) {
    const read = () => entry.shopper.order(entry.key);
    const order = scene.journal.see(entry, await insist('order', read, scene.insistence));
    if (check(order)) return order;
    if (performance.now() > deadline) throw new Unanswered(`order ${order.id} should ${wish}`, JSON.stringify(order));
    await sleep(pauseMs, undefined, { signal: scene.insistence.signal });
  }
}

/** Until the order waits for nobody but staff, is over, or was left by its shopper. */
async function settlePayment(scene: Scene, plan: OrderPlan, entry: Entry): Promise<Order> {
  const pressed = new Set<string>();
  for (;;) {
    const order = await until(scene, entry, 'be settled', (one) => !isUnderWay(one, pressed));
    if (order.status !== 'AWAITING_PAYMENT') return order;
    const url = order.payment?.nextAction?.url;
    if (url !== undefined && reasonOf(order) === 'PAYMENT_ACTION_REQUIRED') {
      pressed.add(url);
      await insist('second step', () => press(url, plan.atSecondStep), scene.insistence);
    } else if (plan.afterDecline === 'anotherCard') await payAgain(scene, entry);
    else if (plan.afterDecline === 'cancel') await cancel(scene, entry);
    else return order;
  }
}

function isUnderWay(order: Order, pressed: ReadonlySet<string>): boolean {
  if (order.status === 'AWAITING_STOCK') return true;
  if (order.status !== 'AWAITING_PAYMENT') return false;
  if (reasonOf(order) === 'PAYMENT_DECLINED') return false;
  const url = order.payment?.nextAction?.url;
  return reasonOf(order) !== 'PAYMENT_ACTION_REQUIRED' || url === undefined || pressed.has(url);
}

async function press(url: string, choice: OrderPlan['atSecondStep']): Promise<void> {
  const page = await openSecondStep(url);
  await (choice === 'approve' ? page.approve() : page.refuse());
}

async function payAgain(scene: Scene, entry: Entry): Promise<void> {
  const input = { ...opened(entry.key), paymentMethod: ANOTHER_CARD, idempotencyKey: newId() };
  const answer = await insist('retryPayment', () => entry.shopper.retryPayment(input), scene.insistence);
  noteOrder(scene, entry, answer);
}

async function cancel(scene: Scene, entry: Entry): Promise<void> {
  const input = { ...opened(entry.key), idempotencyKey: newId() };
  const answer = await insist('cancelOrder', () => entry.shopper.cancelOrder(input), scene.insistence);
  if (noteOrder(scene, entry, answer)) entry.promised.cancelled = true;
}

async function ship(scene: Scene, entry: Entry): Promise<void> {
  const input = { orderId: entry.key.id, idempotencyKey: newId() };
  const answer = await insist('shipOrder', () => scene.support.shipOrder(input), scene.insistence);
  if (noteOrder(scene, entry, answer)) entry.promised.shipped = true;
  else scene.journal.note([`I4 the confirmed order ${entry.key.id} cannot be shipped: ${codesOf(answer)}`]);
}

async function deliver(scene: Scene, entry: Entry): Promise<void> {
  const input = { orderId: entry.key.id, idempotencyKey: newId() };
  const answer = await insist('deliverOrder', () => scene.support.deliverOrder(input), scene.insistence);
  if (noteOrder(scene, entry, answer)) entry.promised.delivered = true;
  else scene.journal.note([`I4 the shipped order ${entry.key.id} cannot be delivered: ${codesOf(answer)}`]);
}

async function refund(scene: Scene, plan: OrderPlan, entry: Entry): Promise<void> {
  const { total } = await until(scene, entry, 'be captured', ({ payment }) => payment?.status === 'CAPTURED');
  const amount = plan.ending === 'refund' ? total : { ...total, amountMinor: Math.ceil(total.amountMinor / 3) };
  const input = { orderId: entry.key.id, amount, reason: 'Sent back.', idempotencyKey: newId() };
  const answer = await insist('refundOrder', () => scene.support.refundOrder(input), scene.insistence);
  if (entry.input.paymentMethod === REFUND_FAILS_CARD) return;
  if (answer.userErrors.length === 0) entry.promised.refundedMinor = amount.amountMinor;
  else scene.journal.note([`I4 the captured order ${entry.key.id} cannot be refunded: ${codesOf(answer)}`]);
}

/** Whether it was done. */
function noteOrder(scene: Scene, entry: Entry, answer: Payload<'order', Order>): boolean {
  if (answer.order !== null) scene.journal.see(entry, answer.order);
  return answer.userErrors.length === 0;
}

const codesOf = ({ userErrors }: Payload<'order', Order>) => userErrors.map(({ code }) => code).join(', ');
const reasonOf = ({ history }: Order) => history.at(-1)?.reason;
