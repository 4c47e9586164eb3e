// Everything that a shop is asked to do, at once, by people who do not give up: so that every service is in the middle of something.
import { newId } from '@ebuy/kernel';
import { eventually } from '@ebuy/testing';
import type { Order, Payload, UserError } from '@ebuy/tools/demo/shapes.ts';
import type { Key, Shopper } from '@ebuy/tools/demo/shopper.ts';
import type { Merchandiser, Support } from '@ebuy/tools/demo/staff.ts';
import { checkout, fillCart, type OrderInput, opened, orderOf } from '../client/purchase.ts';
import { type Sold, sell } from '../client/sell.ts';
import { asGuest, asMerchandiser, asShopper, asSupport } from '../client/shop.ts';
import { send } from '../client/storefront.ts';

/** A crash in the middle of placeOrder holds its idempotency key for half a minute. */
export const PATIENCE = { timeoutMs: 240_000, everyMs: 250 };
export const ON_HAND = 100;
const ORDERS = 3;

export interface People {
  readonly guest: Shopper;
  readonly shopper: Shopper;
  readonly merchandiser: Merchandiser;
  readonly support: Support;
}

export async function invite(): Promise<People> {
  const [shopper, merchandiser, support] = await Promise.all([
    asShopper('shopper@example.com'),
    asMerchandiser(),
    asSupport(),
  ]);
  return { guest: asGuest(), shopper, merchandiser, support };
}

/** What is ready before anything dies: products on sale, two confirmed orders, filled carts. */
export interface Scene {
  readonly lamp: Sold;
  /** Its price and stock change meanwhile. */
  readonly shelf: Sold;
  readonly toShip: Key;
  readonly toCancel: Key;
  readonly checkouts: readonly OrderInput[];
}

export async function setScene({ guest, shopper, merchandiser }: People): Promise<Scene> {
  const [lamp, shelf] = await Promise.all([
    insist(() => sell(merchandiser, { onHand: ON_HAND })),
    insist(() => sell(merchandiser, { onHand: ON_HAND })),
  ]);
  const confirm = async (buyer: Shopper) => (await place(buyer, await fill(buyer, lamp), 'CONFIRMED')).key;
  const [toShip, toCancel, checkouts] = await Promise.all([
    confirm(shopper),
    confirm(guest),
    Promise.all(Array.from({ length: ORDERS }, () => fill(guest, lamp))),
  ]);
  return { lamp, shelf, toShip, toCancel, checkouts };
}

/** The orders that were acknowledged, by what became of them. */
export interface Done {
  readonly placed: readonly Order[];
  readonly delivered: Order;
  readonly cancelled: Order;
}

export async function doEverything(people: People, scene: Scene): Promise<Done> {
  const { guest } = people;
  const placing = scene.checkouts.map((input) => placeAndSee(guest, input));
  const [placed, late, delivered, cancelled] = await Promise.all([
    Promise.all(placing),
    // From an empty cart on, so that the cart dies with it as well.
    fill(guest, scene.lamp).then((input) => placeAndSee(guest, input)),
    shipDeliverRefund(people, scene),
    cancel(guest, scene),
    changeTheShelf(people, scene),
    review(people, scene),
    changeTheirName(people),
  ]);
  return { placed: [...placed, late], delivered, cancelled };
}

/** A cart with one of them, up to its total. */
function fill(buyer: Shopper, { variantId }: Sold): Promise<OrderInput> {
  return insist(async () => checkout(buyer, await fillCart(buyer, { variantId })));
}

async function place(buyer: Shopper, input: OrderInput, ...wanted: Order['status'][]) {
  const { key } = await insist(async () => orderOf(await buyer.placeOrder(input)));
  return { key, order: await until(buyer, key, ...wanted) };
}

async function placeAndSee(guest: Shopper, input: OrderInput): Promise<Order> {
  return (await place(guest, input, 'CONFIRMED', 'CANCELLED')).order;
}

async function shipDeliverRefund({ shopper, support }: People, { toShip }: Scene): Promise<Order> {
  const orderId = toShip.id;
  const [shipKey, deliverKey, refundKey] = [newId(), newId(), newId()];
  await done(() => support.shipOrder({ orderId, idempotencyKey: shipKey }));
  await done(() => support.deliverOrder({ orderId, idempotencyKey: deliverKey }));
  await done(() => support.refundOrder({ orderId, reason: 'Sent back.', idempotencyKey: refundKey }));
  return insist(async () => {
    const order = await shopper.order(toShip);
    if (order?.status !== 'DELIVERED' || order.payment?.status !== 'REFUNDED') throw notYet(toShip, order);
    return order;
  });
}

async function cancel(guest: Shopper, { toCancel }: Scene): Promise<Order> {
  const idempotencyKey = newId();
  await done(() => guest.cancelOrder({ ...opened(toCancel), idempotencyKey }));
  return insist(async () => {
    const order = await guest.order(toCancel);
    if (order?.status !== 'CANCELLED' || order.payment?.status !== 'VOIDED') throw notYet(toCancel, order);
    return order;
  });
}

async function changeTheShelf({ merchandiser }: People, { shelf: { variantId } }: Scene): Promise<void> {
  const price = { amountMinor: 2_345, currency: 'EUR' };
  const idempotencyKey = newId();
  await done(() => merchandiser.repriceVariant({ variantId, price }));
  await done(() => merchandiser.adjustStock({ variantId, delta: 7, reason: 'Found.', idempotencyKey }));
}

async function review({ shopper }: People, { lamp: { productId } }: Scene): Promise<void> {
  const input = { productId, stars: 4, title: 'Sturdy', body: 'It stands.' };
  await insist(async () => {
    const { result, errors } = await send<{ postReview: Payload<'review', object> }>(shopper.visitor, 'PostReview', {
      input,
    });
    const [refusal] = result?.postReview?.userErrors ?? [];
    // Its first answer may have died with reviews.
    if (refusal?.code !== 'ALREADY_REVIEWED' && !result?.postReview?.review) throw refused(refusal ?? errors);
  });
}

async function changeTheirName({ shopper }: People): Promise<void> {
  const input = { displayName: `Shopper ${newId()}` };
  await insist(async () => {
    const { result, errors } = await send<{ updateProfile: Payload<'user', object> }>(
      shopper.visitor,
      'UpdateProfile',
      { input },
    );
    if (!result?.updateProfile?.user) throw refused(errors);
  });
}

async function until(visitor: Shopper, key: Key, ...wanted: Order['status'][]): Promise<Order> {
  return insist(async () => {
    const order = await visitor.order(key);
    if (!order || !wanted.includes(order.status)) throw notYet(key, order);
    return order;
  });
}

/** Until the answer has no refusal: a key in use, a version that moved on, a capture that is not there yet pass by themselves. */
function done(ask: () => Promise<{ readonly userErrors: readonly UserError[] }>): Promise<void> {
  return insist(async () => {
    const { userErrors } = await ask();
    if (userErrors.length > 0) throw refused(userErrors);
  });
}

function insist<Result>(work: () => Promise<Result>): Promise<Result> {
  return eventually(work, PATIENCE);
}

const refused = (why: unknown) => new Error(`refused: ${JSON.stringify(why)}`);
const notYet = (key: Key, order: Order | null) => new Error(`order ${key.id} is ${JSON.stringify(order)}`);
