// Each service of the read side is killed while products change, sell and are reviewed. Once quiet it shows exactly what is true.
import { newId } from '@ebuy/kernel';
import type { Merchandiser } from '@ebuy/tools/demo/staff.ts';
import { checksOf } from '@ebuy/tools/verify/checks.ts';
import { judge } from '@ebuy/tools/verify/judge.ts';
import { openStores, type Stores } from '@ebuy/tools/verify/stores.ts';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { crash } from '../client/crash.ts';
import { type Sold, sellMany } from '../client/sell.ts';
import { asMerchandiser, testShop } from '../client/shop.ts';

const LANES = 4;
let merchandiser: Merchandiser;
let stores: Stores;

beforeAll(async () => {
  merchandiser = await asMerchandiser();
  stores = await openStores(testShop());
});

afterAll(() => stores.close());

/** Changes prices and stock, lane by lane, until it is told to stop. Returns how many changes there were. */
async function keepChanging(sold: readonly Sold[], stop: AbortSignal): Promise<number> {
  let changes = 0;
  const lane = async (first: number) => {
    for (let turn = first; !stop.aborted; turn += 1) {
      const { variantId } = sold[turn % sold.length]!;
      const price = { amountMinor: 1_000 + (turn % 5_000), currency: 'EUR' };
      if (turn % 2 === 0) await merchandiser.repriceVariant({ variantId, price });
      else await merchandiser.adjustStock({ variantId, delta: 1, reason: 'Found.', idempotencyKey: newId() });
      changes += 1;
    }
  };
  await Promise.all(Array.from({ length: LANES }, (_, index) => lane(index)));
  return changes;
}

describe.each(['catalog', 'search', 'reviews'])('%s is killed under writes', (service) => {
  test('and shows the truth afterwards, every document, field by field', async () => {
    const sold = await sellMany(merchandiser, 5, { amountMinor: 1_999, currency: 'EUR' });
    const stop = new AbortController();
    const changing = keepChanging(sold, stop.signal);
    try {
      await crash(service);
      await crash(service);
    } finally {
      stop.abort();
    }
    expect(await changing).toBeGreaterThan(0);
    const judgements = await judge(checksOf(stores), { withinMs: 180_000 });
    expect(judgements.flatMap(({ verdict }) => verdict.violations)).toEqual([]);
  }, 500_000);
});
