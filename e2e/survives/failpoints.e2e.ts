// Each service is killed at each of its failpoints in the middle of orders, alone and with a second replica beside it. Nothing that was
// acknowledged is lost, nothing happens twice, and the stores agree.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Failpoint } from '@ebuy/events';
import { armFailpoint, disarm, eventually, failpointEnvironment, firedFailpoints } from '@ebuy/testing';
import { isReady } from '@ebuy/tools/shop/service-process.ts';
import { SERVICE_NAMES, type ServiceName } from '@ebuy/tools/shop/topology.ts';
import { checksOf } from '@ebuy/tools/verify/checks.ts';
import { judge } from '@ebuy/tools/verify/judge.ts';
import { openStores, type Stores } from '@ebuy/tools/verify/stores.ts';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readLedger } from '../client/ledger.ts';
import { type OwnShop, openOwnShop, replicasOfAll } from '../client/own-shop.ts';
import { chargesOf, heldOnce } from '../client/provider.ts';
import { stockOf } from '../client/sell.ts';
import { testShop } from '../client/shop.ts';
import { type Done, doEverything, invite, ON_HAND, PATIENCE, type People, type Scene, setScene } from './deeds.ts';

const KEEP_DOCUMENTS: readonly ServiceName[] = ['catalog', 'cart', 'reviews'];
const KEEP_ROWS: readonly ServiceName[] = ['users', 'products', 'orders', 'payments'];

/**
 * Who can die where; whatever is not here, cannot:
 * - An event's claim and its effect are two statements in payments alone: products and orders write both in one, catalog, cart and
 *   reviews in one document, and search has OpenSearch compare versions. users follows nobody.
 * - search sends no events, nor does the provider, who follows none either. router and pictures keep nothing.
 */
const REACHED: Readonly<Record<Failpoint, readonly ServiceName[]>> = {
  'inbox-between-claim-and-effect': ['payments'],
  'store-before-commit': [...KEEP_ROWS, ...KEEP_DOCUMENTS, 'search', 'sandbox'],
  'store-after-commit': [...KEEP_ROWS, ...KEEP_DOCUMENTS, 'search', 'sandbox'],
  'relay-after-publish': [...KEEP_ROWS, ...KEEP_DOCUMENTS],
  'consumer-before-offset': ['products', 'orders', 'payments', ...KEEP_DOCUMENTS, 'search'],
  'provider-after-charge': ['payments'],
  'provider-before-record': ['payments'],
};

/** Points that are armed at the same time, at every service that reaches them. */
const WAVES: readonly (readonly Failpoint[])[] = [
  ['store-before-commit'],
  ['store-after-commit'],
  ['relay-after-publish'],
  ['consumer-before-offset'],
  ['inbox-between-claim-and-effect', 'provider-after-charge', 'provider-before-record'],
];

const pairsOf = (points: readonly Failpoint[]): string[] =>
  points.flatMap((point) => REACHED[point].map((service) => `${service}.${point}`)).sort();

test('every point is in a wave, once', () => {
  expect(WAVES.flat().sort()).toEqual(Object.keys(REACHED).sort());
});

describe.each([1, 2])('with %i of every service', (replicas) => {
  let failpoints: string;
  let shop: OwnShop;
  let stores: Stores;
  let people: People;

  beforeAll(async () => {
    failpoints = await mkdtemp(join(tmpdir(), 'ebuy-failpoints-'));
    const environment = Object.fromEntries(SERVICE_NAMES.map((name) => [name, failpointEnvironment(failpoints)]));
    shop = await openOwnShop({ replicas: replicasOfAll(replicas), environment });
    stores = await openStores(testShop());
    people = await invite();
  }, 300_000);

  afterAll(async () => {
    await stores?.close();
    await shop?.close();
    await rm(failpoints, { recursive: true, force: true });
  }, 120_000);

  const fired = async (): Promise<string[]> =>
    (await firedFailpoints(failpoints)).map(({ service, point }) => `${service}.${point}`).sort();

  const untilAllAreUp = () =>
    eventually(async () => {
      const down = [];
      for (const { name, adminUrl } of testShop().services) if (!(await isReady(adminUrl))) down.push(name);
      expect(down).toEqual([]);
    }, PATIENCE);

  test.each(WAVES.map((points) => [points.join(', '), points] as const))(
    '%s: all orders end, each reserved once and charged once',
    async (_, points) => {
      const before = await fired();
      const scene = await setScene(people);
      for (const point of points) {
        for (const service of REACHED[point]) await armFailpoint(failpoints, service, point);
      }
      const done = await doEverything(people, scene);
      await eventually(async () => expect(await fired()).toEqual([...before, ...pairsOf(points)].sort()), PATIENCE);
      expect(await disarm(failpoints)).toEqual([]);
      await untilAllAreUp();
      await eventually(() => expectOnce(people, scene, done), PATIENCE);
      const judgements = await eventually(() => judge(checksOf(stores), { withinMs: 120_000 }), PATIENCE);
      expect(judgements.flatMap(({ verdict }) => verdict.violations)).toEqual([]);
    },
    900_000,
  );
});

/** What the provider's books, the ledger and the stock say of the acknowledged orders. */
async function expectOnce({ merchandiser }: People, { lamp }: Scene, orders: Done): Promise<void> {
  const { placed, delivered, cancelled } = orders;
  for (const { status, history } of placed) {
    if (status === 'CANCELLED') expect(history.at(-1)?.reason).toMatch(/^(PAYMENT|STOCK)_NOT_(COMPLETED|CONFIRMED)$/);
  }
  const confirmed = placed.filter(({ status }) => status === 'CONFIRMED');
  expect(confirmed.length).toBeGreaterThan(0);
  for (const { id, total } of confirmed) expect(await chargesOf(id)).toEqual(heldOnce(total));
  const once = { authorizations: 1, heldMinor: 0, capturedMinor: 0, refundedMinor: 0, isPaidTwice: false };
  const paidBack = { capturedMinor: delivered.total.amountMinor, refundedMinor: delivered.total.amountMinor };
  expect(await chargesOf(delivered.id)).toEqual({ ...once, ...paidBack });
  expect(await chargesOf(cancelled.id)).toEqual(once);
  for (const { id, status } of placed) if (status === 'CANCELLED') expect((await chargesOf(id)).heldMinor).toBe(0);
  const onHand = ON_HAND - unitsOf(delivered);
  const reserved = confirmed.reduce((sum, order) => sum + unitsOf(order), 0);
  expect(await stockOf(merchandiser, lamp)).toEqual({ onHand, reserved, available: onHand - reserved });
  const ledger = await readLedger([...placed, delivered, cancelled].map(({ id }) => id));
  expect(ledger).toMatchObject({ unbalancedOrders: [], heldOrders: confirmed.length });
}

/** One of them, or more: who fills a cart again because nobody answered finds that a signed-in shopper's was filled already. */
function unitsOf({ lines }: Done['delivered']): number {
  return lines.reduce((sum, { quantity }) => sum + quantity, 0);
}
