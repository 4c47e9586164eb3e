// The steps of a purchase that most scenarios share.
import { newId } from '@ebuy/kernel';
import { eventually } from '@ebuy/testing';
import { ADDRESSES } from '@ebuy/tools/demo/addresses.ts';
import type { Money, Order, OrderStatus } from '@ebuy/tools/demo/shapes.ts';
import type { Key, PlacedOrder, Shopper } from '@ebuy/tools/demo/shopper.ts';

/** How long a scenario waits for what must happen by itself. Nothing asserts how long it took. */
export const PATIENCE = { timeoutMs: 90_000, everyMs: 100 };

export interface Wish {
  readonly variantId: string;
  readonly quantity?: number;
}

export interface Checkout {
  readonly paymentMethod?: string;
  readonly country?: keyof typeof ADDRESSES;
  readonly idempotencyKey?: string;
}

/** A cart with these lines. */
export async function fillCart(shopper: Shopper, ...wishes: Wish[]): Promise<Key> {
  const lines = wishes.map(({ variantId, quantity = 1 }) => ({ variantId, quantity }));
  const { cart, accessToken, userErrors } = await shopper.createCart({ lines });
  if (!cart) throw new Error(`No cart: ${JSON.stringify(userErrors)}`);
  return { id: cart.id, ...(accessToken === null ? {} : { accessToken }) };
}

/** The input of placeOrder for a cart, with the total that it costs right now. */
export async function checkout(shopper: Shopper, cart: Key, choice: Checkout = {}): Promise<OrderInput> {
  const { paymentMethod = 'pm_card_visa', country = 'DE', idempotencyKey = newId() } = choice;
  const shippingAddress = ADDRESSES[country];
  const opened = { cartId: cart.id, ...(cart.accessToken ? { accessToken: cart.accessToken } : {}) };
  const quote = await shopper.quote({ ...opened, shippingAddress });
  const [cheapest] = quote.shippingOptions;
  if (!quote.total || !cheapest) throw new Error(`No quote: ${JSON.stringify(quote.userErrors)}`);
  return {
    ...opened,
    email: 'shopper@example.com',
    shippingAddress,
    shippingOptionCode: cheapest.code,
    paymentMethod,
    expectedTotal: quote.total,
    idempotencyKey,
  };
}

export interface OrderInput {
  readonly cartId: string;
  readonly accessToken?: string;
  readonly email: string;
  readonly shippingAddress: object;
  readonly shippingOptionCode: string;
  readonly paymentMethod: string;
  readonly expectedTotal: Money;
  readonly idempotencyKey: string;
}

/** Buys, from an empty cart to the placed order. */
export async function buy(shopper: Shopper, wish: Wish, choice: Checkout = {}): Promise<Bought> {
  const cart = await fillCart(shopper, wish);
  const input = await checkout(shopper, cart, choice);
  return { cart, input, ...orderOf(await shopper.placeOrder(input)) };
}

export interface Bought {
  readonly cart: Key;
  readonly input: OrderInput;
  readonly order: Order;
  readonly key: Key;
}

/** The order that was placed, and the key that opens it. */
export function orderOf({ order, accessToken, userErrors }: PlacedOrder): { order: Order; key: Key } {
  if (!order) throw new Error(`Nothing was ordered: ${JSON.stringify(userErrors)}`);
  return { order, key: { id: order.id, ...(accessToken === null ? {} : { accessToken }) } };
}

/** Waits until an order has come this far; says where it stands when it does not. */
export function untilStatus(shopper: Shopper, key: Key, ...wanted: OrderStatus[]): Promise<Order> {
  return untilOrder(shopper, key, `be ${wanted.join(' or ')}`, ({ status }) => wanted.includes(status));
}

/** Waits until an order is as a check wants it. */
export function untilOrder(shopper: Shopper, key: Key, wish: string, check: (order: Order) => boolean): Promise<Order> {
  return eventually(async () => {
    const order = await shopper.order(key);
    if (!order) throw new Error(`The order ${key.id} cannot be read`);
    if (!check(order)) throw new Error(`The order should ${wish}: ${JSON.stringify(order)}`);
    return order;
  }, PATIENCE);
}

/** Waits until orders has heard of the decline: payments knows first, and until then another card is refused as PAYMENT_IN_PROGRESS. */
export function untilDeclined(shopper: Shopper, key: Key): Promise<Order> {
  return untilOrder(shopper, key, 'be declined', ({ history }) => history.at(-1)?.reason === 'PAYMENT_DECLINED');
}

/** Opens a guest's order or cart in an input. */
export function opened(key: Key): { orderId: string; accessToken?: string } {
  return { orderId: key.id, ...(key.accessToken ? { accessToken: key.accessToken } : {}) };
}
