// Each engine in turn goes away under a steady traffic: frozen for some seconds, then killed and brought back by its supervisor. Shoppers see what
// docs/failure-modes.md says, nobody's process ends, and in the end every order has ended and every invariant holds.
//
// PostgreSQL runs without fsync here, and with synchronous commits (tools/test.ts). A SIGKILL loses nothing then: it ends processes, not the machine,
// and what was committed stands in the system's cache. With `synchronous_commit` off it would: such a commit is still in PostgreSQL's own memory.
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@ebuy/testing';
import type { Merchandiser } from '@ebuy/tools/demo/staff.ts';
import { checksOf } from '@ebuy/tools/verify/checks.ts';
import { judge } from '@ebuy/tools/verify/judge.ts';
import { openStores } from '@ebuy/tools/verify/stores.ts';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { buy, untilStatus } from '../client/purchase.ts';
import { sellMany } from '../client/sell.ts';
import { asGuest, asMerchandiser, asSupport, testShop } from '../client/shop.ts';
import { CLEAR, ENGINE_CASES, expectAnswers } from './cases.ts';
import { crashEngine, freezeEngine, readinessOfAll, servicePids } from './engine.ts';
import { prepareProbes } from './probes.ts';
import { type Seen, startTraffic, type Traffic } from './traffic.ts';

/** How long an engine stands still. */
const STANDSTILL_MS = 8_000;
/** The router gives up on a subgraph after ten seconds; a page may ask two, one after the other. */
const LONGEST_MS = 25_000;
const PATIENCE = { timeoutMs: 120_000, everyMs: 200 };
/** What a shop at work answers all the time. */
const EVERYDAY = ['ProductPage', 'Search', 'CreateCart', 'CheckoutQuote', 'PlaceOrder', 'OrderStatus'];
const ENDED = ['CONFIRMED', 'SHIPPED', 'CANCELLED'];

const guest = asGuest();
let merchandiser: Merchandiser;
let traffic: Traffic;
let shelf: Awaited<ReturnType<typeof sellMany>>;
let processes: Record<string, number>;

beforeAll(async () => {
  merchandiser = await asMerchandiser();
  shelf = await sellMany(merchandiser, 3, { amountMinor: 1_999, currency: 'EUR' }, 100_000);
  processes = servicePids();
  const { visitor: staff } = await asSupport();
  traffic = startTraffic({ guest: asGuest().visitor, staff, shelf });
  await untilAllAnswers(0);
}, 240_000);

/** However a test ended, no traffic goes on behind it. */
afterAll(async () => {
  await traffic?.stop().catch(() => undefined);
}, 150_000);

/** Waits until everything that shoppers do has been answered well at least once since then. */
function untilAllAnswers(since: number): Promise<void> {
  return eventually(() => {
    const well = traffic.seen.filter(({ from, outcome }) => from >= since && outcome === 'ok');
    expect(EVERYDAY.filter((operation) => !well.some((one) => one.operation === operation))).toEqual([]);
  }, PATIENCE);
}

/** Everything is back: all services are ready and lack nothing, every request is answered, and a new order is confirmed. */
async function untilRecovered(): Promise<void> {
  await untilAllAnswers(performance.now());
  await eventually(async () => {
    const lacking = Object.entries(await readinessOfAll()).filter(([, { ready, degraded }]) => !ready || degraded);
    expect(lacking).toEqual([]);
  }, PATIENCE);
  const { key } = await eventually(() => buy(guest, { variantId: shelf[0]!.variantId }), PATIENCE);
  await untilStatus(guest, key, 'CONFIRMED', 'SHIPPED');
}

/** Whoever got no result was told so, in words that say what to do, and in time. */
function expectClearAnswers(seen: readonly Seen[]): void {
  const unclear = seen.filter(
    ({ outcome }) => outcome !== 'ok' && !outcome.split(' ').every((code) => CLEAR.has(code)),
  );
  expect(unclear).toEqual([]);
  expect(seen.filter(({ tookMs }) => tookMs > LONGEST_MS)).toEqual([]);
}

describe.each(ENGINE_CASES)('$engine', ({ engine, notReady, degraded, fails }) => {
  test('stands still: what needs it says so in time, the rest goes on, and all comes back', async () => {
    const from = performance.now();
    const ask = await prepareProbes(guest, shelf[1]!);
    await freezeEngine(engine, async () => {
      const standstill = sleep(STANDSTILL_MS);
      const told = eventually(async () => {
        const all = Object.entries(await readinessOfAll());
        expect(all.filter(([, { ready }]) => !ready).map(([name]) => name)).toEqual(
          expect.arrayContaining([...notReady]),
        );
        expect(all.filter((one) => one[1].degraded).map(([name]) => name)).toEqual(
          expect.arrayContaining([...degraded]),
        );
        expect(all.find(([name]) => name === 'router')?.[1].ready).toBe(true);
      }, PATIENCE);
      // Who is only slow, on a busy machine, answers when asked again.
      await eventually(async () => expectAnswers(await ask(), { fails }), PATIENCE);
      await Promise.all([standstill, told]);
    });
    await untilRecovered();
    expectClearAnswers(traffic.seen.filter((one) => one.from >= from));
    expect(servicePids()).toEqual(processes);
  }, 720_000);

  test('is killed and comes back: so does everything, and no process of ours ends', async () => {
    const from = performance.now();
    await crashEngine(engine);
    await untilRecovered();
    expectClearAnswers(traffic.seen.filter((one) => one.from >= from));
    expect(servicePids()).toEqual(processes);
  }, 720_000);
});

describe('in the end', () => {
  test('every acknowledged order has ended, and what staff did is done', async () => {
    await traffic.stop();
    expect(traffic.placed.length).toBeGreaterThan(20);
    expect(traffic.shipped.length).toBeGreaterThan(0);
    expect(traffic.refunded.length).toBeGreaterThan(0);
    await eventually(async () => {
      const statuses = await Promise.all(traffic.placed.map((key) => guest.orderStatus(key)));
      expect(statuses.filter((status) => !ENDED.includes(String(status)))).toEqual([]);
    }, PATIENCE);
    for (const key of traffic.shipped) expect(await guest.orderStatus(key)).toBe('SHIPPED');
  }, 720_000);

  test('every invariant holds', async () => {
    const stores = await openStores(testShop());
    try {
      const judgements = await judge(checksOf(stores), { withinMs: 180_000 });
      expect(judgements.length).toBeGreaterThan(0);
      for (const { check, verdict } of judgements)
        expect({ [check.claim]: verdict.violations }).toEqual({ [check.claim]: [] });
    } finally {
      await stores.close();
    }
  }, 720_000);
});
