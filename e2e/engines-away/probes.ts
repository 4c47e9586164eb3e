// One of each thing that a shopper does, made ready while all is well and asked while something is away.
import type { Shopper } from '@ebuy/tools/demo/shopper.ts';
import type { Answer } from '@ebuy/tools/demo/visitor.ts';
import { buy, checkout, fillCart } from '../client/purchase.ts';
import type { Sold } from '../client/sell.ts';
import { send } from '../client/storefront.ts';

export const OPERATIONS = [
  'ProductPage',
  'Search',
  'Cart',
  'CreateCart',
  'CheckoutQuote',
  'PlaceOrder',
  'OrderStatus',
] as const;
export type Operation = (typeof OPERATIONS)[number];

/** `ok`, or the code of what was answered instead. */
export type Answers = Readonly<Record<Operation, string>>;

const ORDER_STATUS =
  'query OrderStatus($id: ID!, $accessToken: String) { order(id: $id, accessToken: $accessToken) { status } }';

/** Fills a cart and places an order; what it returns asks for everything at once. */
export async function prepareProbes(shopper: Shopper, { slug, variantId }: Sold): Promise<() => Promise<Answers>> {
  const { key: order } = await buy(shopper, { variantId });
  const cart = await fillCart(shopper, { variantId });
  const input = await checkout(shopper, cart);
  const { cartId, accessToken, shippingAddress } = input;
  const { visitor } = shopper;
  const ask = (): Record<Operation, Promise<Answer<unknown>>> => ({
    ProductPage: send(visitor, 'ProductPage', { slug }),
    Search: send(visitor, 'Search', { query: 'shelf', first: 12 }),
    Cart: send(visitor, 'Cart', cart),
    CreateCart: send(visitor, 'CreateCart', { input: { lines: [{ variantId, quantity: 1 }] } }),
    CheckoutQuote: send(visitor, 'CheckoutQuote', { input: { cartId, accessToken, shippingAddress } }),
    PlaceOrder: send(visitor, 'PlaceOrder', { input }),
    OrderStatus: visitor.ask(ORDER_STATUS, order),
  });
  return async () => {
    const answers = Object.entries(ask()).map(async ([name, answer]) => [name, codeOf(await answer)] as const);
    return Object.fromEntries(await Promise.all(answers)) as unknown as Answers;
  };
}

function codeOf({ errors: [first] }: Answer<unknown>): string {
  return first === undefined ? 'ok' : (first.extensions?.code ?? first.message);
}
