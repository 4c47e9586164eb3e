// After the last kill: waits until nothing moves any more, then holds what is there against what was told and promised.
import { setTimeout as sleep } from 'node:timers/promises';
import { isReady } from '@ebuy/tools/shop/service-process.ts';
import { chargesOf } from '../client/provider.ts';
import { stockOf } from '../client/sell.ts';
import { insist } from './insist.ts';
import { broken, type Entry, expectedCharges } from './journal.ts';
import type { Scene } from './scene.ts';
import { type Schedule, WARES, type Ware } from './schedule.ts';
import type { ChaosShop } from './shop.ts';

const QUIET_DEADLINE_MS = 120_000;
const LOOK_EVERY_MS = 400;

/** Complaints that are still there when the time is up. */
export async function settle(chaos: ChaosShop, scene: Scene, schedule: Schedule): Promise<string[]> {
  const deadline = performance.now() + QUIET_DEADLINE_MS;
  const { signal } = scene.insistence;
  let waiting: readonly Entry[] = scene.journal.entries;
  for (;;) {
    const away = await processesAway(chaos);
    const found =
      away.length > 0
        ? []
        : await Promise.all(waiting.map(async (entry) => [entry, await complaintsOf(scene, entry)] as const));
    // What is right is looked at once more at the end, with everything else.
    if (away.length === 0) waiting = found.filter(([, complaints]) => complaints.length > 0).map(([entry]) => entry);
    if (away.length === 0 && waiting.length === 0) {
      const last = await everything(scene, schedule);
      if (last.length === 0 || performance.now() > deadline) return last;
      waiting = scene.journal.entries;
    }
    if (performance.now() > deadline) return [...away, ...found.flatMap(([, complaints]) => complaints)];
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
}

async function everything(scene: Scene, schedule: Schedule): Promise<string[]> {
  const { entries } = scene.journal;
  const [orders, replays, stock] = await Promise.all([
    Promise.all(entries.map((entry) => complaintsOf(scene, entry))),
    Promise.all(entries.map((entry) => replayOf(scene, entry))),
    Promise.all(WARES.map((ware) => stockComplaints(scene, schedule, ware))),
  ]);
  return [...orders, ...replays, ...stock].flat();
}

async function processesAway({ shop: { services, engines }, engines: ours }: ChaosShop): Promise<string[]> {
  const ready = await Promise.all(
    [...services.values()].map(async (one) => [one.name, await isReady(one.adminUrl)] as const),
  );
  return [
    ...ready.filter(([, is]) => !is).map(([name]) => `${name} is not ready`),
    ...ours.flatMap((name) => (engines.get(name).pid === null ? [`${name} is away`] : [])),
  ];
}

/** The order as its shopper sees it, and the provider's books. */
async function complaintsOf(scene: Scene, entry: Entry): Promise<string[]> {
  const order = scene.journal.see(entry, await insist('order', () => entry.shopper.order(entry.key), scene.insistence));
  const expected = expectedCharges(entry);
  if (expected === null) return [`I5 order ${order.id} is still ${order.status}`, ...broken(entry)];
  const { isPaidTwice, heldMinor, capturedMinor, refundedMinor } = await insist(
    'charges',
    () => chargesOf(order.id),
    scene.insistence,
  );
  const found = { heldMinor, capturedMinor, refundedMinor };
  const wrong = (Object.keys(expected) as (keyof typeof expected)[]).filter((name) => expected[name] !== found[name]);
  return [
    ...broken(entry),
    ...(isPaidTwice ? [`I2 order ${order.id} is paid twice`] : []),
    ...wrong.map((name) => `I2 order ${order.id}, ${order.status}: ${name} is ${found[name]}, not ${expected[name]}`),
  ];
}

/** The same key, long after: the same order, said to be a repetition. */
async function replayOf({ insistence }: Scene, { shopper, input, placed }: Entry): Promise<string[]> {
  const { order, replayed } = await insist('placeOrder again', () => shopper.placeOrder(input), insistence);
  if (order?.id === placed.id && replayed) return [];
  return [`I6 the key of order ${placed.id} now answers ${order?.id ?? 'nothing'}, replayed ${replayed}`];
}

/** Every unit of what this run sells is with an order, or still there. */
async function stockComplaints({ journal, merchandiser, wares, insistence }: Scene, schedule: Schedule, ware: Ware) {
  const received = schedule.units[ware] + (journal.restocked.get(ware) ?? 0);
  const of = (...statuses: string[]) =>
    journal.entries
      .filter(({ seen }) => statuses.includes(seen.status))
      .flatMap(({ seen }) => seen.lines)
      .filter(({ sku }) => sku === wares[ware].sku)
      .reduce((sum, { quantity }) => sum + quantity, 0);
  const onHand = received - of('SHIPPED', 'DELIVERED');
  const reserved = of('CONFIRMED', 'AWAITING_PAYMENT');
  const stock = await insist('stock', () => stockOf(merchandiser, wares[ware]), insistence);
  const expected = { onHand, reserved, available: onHand - reserved };
  return (['onHand', 'reserved', 'available'] as const)
    .filter((name) => stock[name] !== expected[name])
    .map((name) => `I1 stock of ${wares[ware].sku} (${ware}): ${name} is ${stock[name]}, orders say ${expected[name]}`);
}
