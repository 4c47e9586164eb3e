import { newId } from '@ebuy/kernel';
import { asRouter } from '@ebuy/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { product, productEvent, stockEvent } from './histories.ts';
import { openShop, type Shop } from './shop.ts';

let shop: Shop;
let router: ReturnType<typeof asRouter>;
beforeAll(async () => {
  shop = await openShop();
  router = asRouter({ name: 'catalog', port: shop.port(), key: shop.routerKey });
});
afterAll(async () => {
  await router.close();
  await shop.close();
});

interface Seen {
  readonly productChanged: {
    readonly id: string;
    readonly title: string;
    readonly variants: readonly { readonly availableQuantity: number }[];
  };
}

const CHANGED = 'subscription ($ids: [ID!]!) { productChanged(ids: $ids) { id title variants { availableQuantity } } }';

describe('productChanged', () => {
  test('begins with each product as it is, then shows each change, the newest last', async () => {
    const [one, two, other] = [product(), product(), product()];
    await shop.tell(...[one, two, other].map(productEvent));
    for (const { productId } of [one, two, other])
      await shop.sees(productId, ({ shown }) => expect(shown).toBeDefined());
    const stream = router.subscribe<Seen>(CHANGED, {
      ids: [one.productId, two.productId.toUpperCase(), 'nothing', one.productId],
    });
    const next = async () => {
      const { value } = await stream.next();
      return value?.data?.productChanged;
    };
    const first = [await next(), await next()].map((seen) => seen?.id);
    expect(first.sort()).toEqual([one.productId, two.productId].sort());
    const { variantId } = two.variants[0]!;
    await shop.tell(
      stockEvent(other.productId, other.variants[0]!.variantId, 1, 99),
      ...[1, 2, 3, 4, 5].map((version) => stockEvent(two.productId, variantId, version, version * 10)),
    );
    const quantities: number[] = [];
    while (quantities.at(-1) !== 50) {
      const seen = await next();
      // The other one is told of again when products are related; the third never.
      expect([one.productId, two.productId]).toContain(seen?.id);
      if (seen?.id === two.productId) quantities.push(seen.variants[0]!.availableQuantity);
    }
    expect(quantities).toEqual([...quantities].sort((less, more) => less - more));
    await stream.return?.();
  });

  test('passes over what is not on sale, and shows it once it is', async () => {
    const state = product({ status: 'DRAFT', publishedAt: null });
    await shop.tell(productEvent(state));
    await shop.sees(state.productId, ({ shown }) => expect(shown).toBeDefined());
    const stream = router.subscribe<Seen>(CHANGED, { ids: [state.productId, newId()] });
    const first = stream.next();
    await shop.tell(productEvent({ ...state, version: 2, title: 'Still a draft' }));
    await shop.sees(state.productId, ({ shown }) => expect(shown?.title).toBe('Still a draft'));
    await shop.tell(
      productEvent({ ...state, version: 3, title: 'On sale', status: 'PUBLISHED', publishedAt: state.createdAt }),
    );
    expect((await first).value?.data?.productChanged).toMatchObject({ id: state.productId, title: 'On sale' });
    await stream.return?.();
  });

  test('refuses more than a hundred ids', async () => {
    const stream = router.subscribe<Seen>(CHANGED, { ids: Array.from({ length: 101 }, () => newId()) });
    expect((await stream.next()).value?.errors?.[0]?.extensions?.code).toBe('TOO_MANY_IDS');
    await stream.return?.();
  });
});
