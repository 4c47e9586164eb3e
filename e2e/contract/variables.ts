// With what, and by whom, each of the clients' operations is sent.
import { newId } from '@ebuy/kernel';
import { eventually } from '@ebuy/testing';
import { ADDRESSES } from '@ebuy/tools/demo/addresses.ts';
import type { Visitor } from '@ebuy/tools/demo/visitor.ts';
import {
  type Bought,
  buy,
  checkout,
  fillCart,
  opened,
  untilDeclined,
  untilOrder,
  untilStatus,
} from '../client/purchase.ts';
import { sell } from '../client/sell.ts';
import type { Scene } from './scene.ts';

interface Request {
  readonly as: Visitor;
  readonly variables: object;
  /** The code that it is refused with, where a fresh shop has nothing to show. */
  readonly refused?: string;
}

const idempotencyKey = () => newId();

const guestCart = async ({ guest, lamp }: Scene) => {
  const cart = await guest.createCart({ lines: [{ variantId: lamp.variantId, quantity: 1 }] });
  return { cartId: cart.cart!.id, accessToken: cart.accessToken, lineId: cart.cart!.lines[0]!.id };
};
const guestOrder = async ({ guest, lamp }: Scene, paymentMethod = 'pm_card_visa'): Promise<Bought> =>
  buy(guest, { variantId: lamp.variantId }, { paymentMethod });
const confirmedOrder = async (scene: Scene): Promise<Bought> => {
  const bought = await guestOrder(scene);
  await untilStatus(scene.guest, bought.key, 'CONFIRMED');
  return bought;
};
const shippedOrder = async (scene: Scene): Promise<Bought> => {
  const bought = await confirmedOrder(scene);
  await scene.support.shipOrder({ orderId: bought.key.id, idempotencyKey: idempotencyKey() });
  await untilOrder(scene.guest, bought.key, 'be captured', ({ payment }) => payment?.status === 'CAPTURED');
  return bought;
};

const shopper = (of: (scene: Scene) => object | Promise<object>) => async (scene: Scene) => ({
  as: scene.shopper.visitor,
  variables: await of(scene),
});
const guest = (of: (scene: Scene) => object | Promise<object>) => async (scene: Scene) => ({
  as: scene.guest.visitor,
  variables: await of(scene),
});
const merchandiser = (of: (scene: Scene) => object | Promise<object>) => async (scene: Scene) => ({
  as: scene.merchandiser.visitor,
  variables: await of(scene),
});
const support = (of: (scene: Scene) => object | Promise<object>) => async (scene: Scene) => ({
  as: scene.support.visitor,
  variables: await of(scene),
});
const input = (fields: object) => ({ input: fields });

const CSV = (handle: string) =>
  `Handle,Title,Variant SKU,Variant Price,Variant Inventory Qty\n${handle},A contract bowl,${handle}-sku,12.50,3\n`;
const importOf = async ({ merchandiser }: Scene): Promise<string> => {
  const { importProducts } = await merchandiser.visitor.get<{ importProducts: { import: { id: string } } }>(
    'mutation ($input: ImportProductsInput!) { importProducts(input: $input) { import { id } userErrors { message } } }',
    input({ csv: CSV(`contract-${newId()}`), currency: 'EUR' }),
  );
  return importProducts.import.id;
};
const collectionOf = async ({ merchandiser, lamp }: Scene): Promise<{ id: string; slug: string }> => {
  const { createCollection } = await merchandiser.visitor.get<{
    createCollection: { collection: { id: string; slug: string } };
  }>(
    'mutation ($input: CreateCollectionInput!) { createCollection(input: $input) { collection { id slug } userErrors { message } } }',
    input({ title: 'Contract', slug: `contract-${newId()}`, productIds: [lamp.productId] }),
  );
  return createCollection.collection;
};
/** On sale, and reviews knows of it. */
const freshProduct = async ({ merchandiser, shopper }: Scene): Promise<string> => {
  const { productId } = await sell(merchandiser);
  // Reviews hears of products on its own: asked with nothing to keep, it says when it knows this one.
  await eventually(async () => {
    const { postReview } = await shopper.visitor.get<{ postReview: { userErrors: readonly { code: string }[] } }>(
      'mutation ($input: PostReviewInput!) { postReview(input: $input) { userErrors { code } } }',
      input({ productId, stars: 9, title: 'Nothing', body: 'Nothing.' }),
    );
    if (postReview.userErrors.some(({ code }) => code === 'PRODUCT_NOT_FOUND')) throw new Error('not known yet');
  });
  return productId;
};

/** A review that waits for staff, of a product that nobody bought. */
const reviewOf = async (scene: Scene): Promise<string> => {
  const productId = await freshProduct(scene);
  const { postReview } = await scene.shopper.visitor.get<{ postReview: { review: { id: string } } }>(
    'mutation ($input: PostReviewInput!) { postReview(input: $input) { review { id } userErrors { message } } }',
    input({ productId, stars: 4, title: 'Good light', body: 'Warm and steady.' }),
  );
  return postReview.review.id;
};

export const VARIABLES: Readonly<Record<string, (scene: Scene) => Promise<Request>>> = {
  'storefront Home': guest(() => ({})),
  'storefront CollectionPage': guest(async (scene) => ({ slug: (await collectionOf(scene)).slug, first: 24 })),
  'storefront ProductPage': guest(({ lamp }) => ({ slug: lamp.slug })),
  'storefront Search': guest(() => ({
    query: 'lamp',
    filters: [{ field: 'price', min: 100, max: 100_000 }],
    sort: 'PRICE_ASC',
    first: 24,
  })),
  'storefront Suggest': guest(() => ({ prefix: 'la' })),
  'storefront PostReview': shopper(async (scene) =>
    input({ productId: await freshProduct(scene), stars: 5, title: 'As pictured', body: 'It does what it says.' }),
  ),
  'storefront Cart': guest(async (scene) => {
    const { cartId, accessToken } = await guestCart(scene);
    return { id: cartId, accessToken };
  }),
  'storefront CreateCart': guest(({ lamp }) => input({ lines: [{ variantId: lamp.variantId, quantity: 2 }] })),
  'storefront AddCartLine': guest(async (scene) => {
    const { cartId, accessToken } = await guestCart(scene);
    return input({ cartId, accessToken, variantId: scene.lamp.variantId, quantity: 1 });
  }),
  'storefront UpdateCartLine': guest(async (scene) => input({ ...(await guestCart(scene)), quantity: 3 })),
  'storefront RemoveCartLine': guest(async (scene) => input(await guestCart(scene))),
  'storefront MergeCart': shopper(async (scene) => {
    const { cartId, accessToken } = await guestCart(scene);
    return input({ guestCartId: cartId, accessToken });
  }),
  'storefront CheckoutQuote': guest(async (scene) => {
    const { cartId, accessToken } = await guestCart(scene);
    return input({ cartId, accessToken, shippingAddress: ADDRESSES.DE });
  }),
  'storefront PlaceOrder': guest(async (scene) =>
    input(await checkout(scene.guest, await fillCart(scene.guest, { variantId: scene.lamp.variantId }))),
  ),
  'storefront RetryPayment': guest(async (scene) => {
    const bought = await guestOrder(scene, 'pm_card_chargeDeclined');
    await untilDeclined(scene.guest, bought.key);
    return input({ ...opened(bought.key), paymentMethod: 'pm_card_visa', idempotencyKey: idempotencyKey() });
  }),
  'storefront CancelOrder': guest(async (scene) =>
    input({ ...opened((await confirmedOrder(scene)).key), idempotencyKey: idempotencyKey() }),
  ),
  'storefront Order': guest(async (scene) => ({ ...(await confirmedOrder(scene)).key })),
  'storefront Account': shopper(() => ({})),
  'storefront UpdateProfile': shopper(() => input({ displayName: 'Alex Archer' })),
  'storefront SaveAddress': shopper(() => input({ address: ADDRESSES.DE, isDefault: true })),
  'storefront DeleteAddress': shopper(async ({ shopper }) => {
    const { saveAddress } = await shopper.visitor.get<{ saveAddress: { address: { id: string } } }>(
      'mutation ($input: SaveAddressInput!) { saveAddress(input: $input) { address { id } userErrors { message } } }',
      input({ address: ADDRESSES.US }),
    );
    return input({ addressId: saveAddress.address.id });
  }),

  'console StaffProducts': merchandiser(({ lamp }) => ({ query: lamp.sku, status: 'PUBLISHED', first: 5 })),
  'console CreateProduct': merchandiser(() =>
    input({
      title: 'A contract lamp',
      options: [{ name: 'Size', values: ['S', 'M'] }],
      variants: ['S', 'M'].map((size) => ({
        sku: `CONTRACT-${newId()}`,
        optionValues: [size],
        price: { amountMinor: 500, currency: 'EUR' },
        onHand: 1,
      })),
      idempotencyKey: idempotencyKey(),
    }),
  ),
  'console UpdateProduct': merchandiser(({ lamp }) => input({ productId: lamp.productId, vendor: 'Lumen' })),
  'console PublishProduct': merchandiser(({ lamp }) => input({ productId: lamp.productId })),
  'console WithdrawProduct': merchandiser(async ({ merchandiser }) => {
    const { productId } = await sell(merchandiser);
    return input({ productId });
  }),
  'console RepriceVariant': merchandiser(({ lamp }) =>
    input({ variantId: lamp.variantId, price: { amountMinor: 1_999, currency: 'EUR' } }),
  ),
  'console AdjustStock': merchandiser(({ lamp }) =>
    input({ variantId: lamp.variantId, delta: 1, reason: 'Counted.', idempotencyKey: idempotencyKey() }),
  ),
  'console ImportProducts': merchandiser(() =>
    input({ csv: CSV(`contract-${newId()}`), currency: 'EUR', publish: true }),
  ),
  'console ProductImport': merchandiser(async (scene) => ({ id: await importOf(scene) })),
  'console CreateCollection': merchandiser(({ lamp }) =>
    input({
      title: 'Under twenty',
      slug: `under-twenty-${newId()}`,
      productIds: [lamp.productId],
      rule: { maxPrice: { amountMinor: 2_000, currency: 'EUR' } },
    }),
  ),
  'console UpdateCollection': merchandiser(async (scene) =>
    input({ collectionId: (await collectionOf(scene)).id, title: 'Contract, renamed' }),
  ),
  'console OrderStory': support(async (scene) => ({ id: (await confirmedOrder(scene)).key.id })),
  'console StaffReviews': support(() => ({ status: 'PENDING', first: 5 })),
  'console ModerateReview': support(async (scene) =>
    input({ reviewId: await reviewOf(scene), status: 'PUBLISHED', reason: 'Nothing wrong with it.' }),
  ),
  'console StaffOrders': support(() => ({ status: 'CONFIRMED', first: 5 })),
  'console ShipOrder': support(async (scene) =>
    input({ orderId: (await confirmedOrder(scene)).key.id, carrier: 'DHL', idempotencyKey: idempotencyKey() }),
  ),
  'console DeliverOrder': support(async (scene) =>
    input({ orderId: (await shippedOrder(scene)).key.id, idempotencyKey: idempotencyKey() }),
  ),
  'console RefundOrder': support(async (scene) =>
    input({ orderId: (await shippedOrder(scene)).key.id, reason: 'Sent back.', idempotencyKey: idempotencyKey() }),
  ),

  'mobile MobileHome': guest(() => ({})),
  'mobile MobileProduct': guest(({ lamp }) => ({ slug: lamp.slug })),
  'mobile MobileOrders': shopper(() => ({})),

  'partner PartnerCatalog': async ({ partner }) => ({ as: partner, variables: {} }),
  'partner PartnerStock': async ({ partner, lamp }) => ({ as: partner, variables: { skus: [lamp.sku] } }),
  'partner PartnerOrder': async ({ partner }) => ({ as: partner, variables: { id: newId() }, refused: 'NOT_FOUND' }),
};
