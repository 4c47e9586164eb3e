// Everybody who does something in a run, each at the moment that the schedule says.
import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '@ebuy/kernel';
import { follow, until } from './follow.ts';
import { insist } from './insist.ts';
import { purchase } from './purchase.ts';
import type { Scene } from './scene.ts';
import type { Change, OrderPlan, Schedule } from './schedule.ts';

/** Resolves when every order was answered and taken as far as its plan says. */
export async function runTraffic(scene: Scene, { orders, changes }: Schedule): Promise<void> {
  const began = performance.now();
  const at = (atMs: number) =>
    sleep(Math.max(0, began + atMs - performance.now()), undefined, { signal: scene.insistence.signal });
  const lanes = new Map<OrderPlan['shopper'], Promise<unknown>>();
  const buying = orders.map(async (plan) => {
    await at(plan.atMs);
    const entry = await inLane(lanes, plan.shopper, () => purchase(scene, plan));
    if (entry !== null) await follow(scene, plan, entry);
  });
  const changing = changes.map(async (change) => {
    await at(change.atMs);
    await carryOut(scene, change);
  });
  await Promise.all([...buying, ...changing]);
}

/** Somebody signed in has one cart: they fill it again when their last order was answered. */
function inLane<Result>(
  lanes: Map<OrderPlan['shopper'], Promise<unknown>>,
  shopper: OrderPlan['shopper'],
  work: () => Promise<Result>,
): Promise<Result> {
  if (shopper === 'guest') return work();
  const done = (lanes.get(shopper) ?? Promise.resolve()).then(work);
  lanes.set(
    shopper,
    done.catch(() => undefined),
  );
  return done;
}

async function carryOut({ merchandiser, wares, journal, insistence }: Scene, change: Change): Promise<void> {
  const { variantId } = wares[change.ware];
  if (change.kind === 'reprice') {
    const price = { amountMinor: change.amountMinor, currency: 'EUR' };
    await insist('repriceVariant', () => merchandiser.repriceVariant({ variantId, price }), insistence);
    return;
  }
  const input = { variantId, delta: change.units, reason: 'Found.', idempotencyKey: newId() };
  const { userErrors } = await insist('adjustStock', () => merchandiser.adjustStock(input), insistence);
  if (userErrors.length > 0) journal.note([`I4 a restock is refused: ${userErrors[0]?.code}`]);
  else journal.restocked.set(change.ware, (journal.restocked.get(change.ware) ?? 0) + change.units);
}

const WITNESS: OrderPlan = {
  atMs: 0,
  shopper: 'guest',
  ware: 'cold',
  quantity: 1,
  paymentMethod: 'pm_card_visa',
  clicksTwice: false,
  atSecondStep: 'approve',
  afterDecline: 'cancel',
  ending: 'keep',
};

/** Somebody who begins to buy at this moment and wants nothing special. Resolves when the order is confirmed, whatever it takes. */
export async function buyNow(scene: Scene): Promise<void> {
  for (;;) {
    const entry = await purchase(scene, WITNESS);
    if (entry === null) continue;
    const isEnded = ({ status }: { status: string }) => status === 'CONFIRMED' || status === 'CANCELLED';
    if ((await until(scene, entry, 'be confirmed', isEnded)).status === 'CONFIRMED') return;
  }
}
