// What the bench's shoppers buy: a product of fifty variants with more stock than they can order, and what one of them costs.
import { newId } from '@ebuy/kernel';
import { ADDRESSES } from '@ebuy/tools/demo/addresses.ts';
import { shopper } from '@ebuy/tools/demo/shopper.ts';
import { merchandiser } from '@ebuy/tools/demo/staff.ts';
import type { Visitor } from '@ebuy/tools/demo/visitor.ts';
import type { Offer } from './shoppers.ts';

const VARIANTS = 50;

export async function makeOffer(staff: Visitor, guest: Visitor): Promise<Offer> {
  const sizes = Array.from({ length: VARIANTS }, (_, index) => `size ${index + 1}`);
  const keeper = merchandiser(staff);
  const created = await keeper.createProduct({
    title: 'Bench lamp',
    slug: `bench-${newId()}`,
    options: [{ name: 'Size', values: sizes }],
    variants: sizes.map((size) => ({
      sku: `BENCH-${newId()}`,
      optionValues: [size],
      price: { amountMinor: 1_999, currency: 'EUR' },
      onHand: 1_000_000,
    })),
    idempotencyKey: newId(),
  });
  if (!created.product) throw new Error(`Nothing to buy: ${JSON.stringify(created.userErrors)}`);
  const { product } = await keeper.publishProduct({ productId: created.product.id });
  const variantIds = product?.variants.map(({ id }) => id) ?? [];
  const buyer = shopper(guest);
  const { cart, accessToken, userErrors } = await buyer.createCart({
    lines: [{ variantId: variantIds[0], quantity: 1 }],
  });
  if (!cart) throw new Error(`No cart: ${JSON.stringify(userErrors)}`);
  const quote = await buyer.quote({ cartId: cart.id, accessToken, shippingAddress: ADDRESSES.DE });
  const [cheapest] = quote.shippingOptions;
  if (!quote.total || !cheapest) throw new Error(`No quote: ${JSON.stringify(quote.userErrors)}`);
  return { variantIds, total: quote.total, shippingOptionCode: cheapest.code };
}
