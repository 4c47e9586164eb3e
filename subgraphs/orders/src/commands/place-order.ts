/** How an order begins. It reads as the first line of "How an order settles" in README.md; products and payments take it from there by events. */
import { formatMoney, type Money, newId, sameMoney } from '@ebuy/kernel';
import { accessTokenFor, auditorOf, once, type RequestContext } from '@ebuy/runtime';
import type { Cart, Carts } from '../clients/cart.ts';
import type { Products } from '../clients/products.ts';
import { isGuests, mayPartner } from '../domain/access.ts';
import { placed } from '../domain/announce.ts';
import { auditedPlacing } from '../domain/audited.ts';
import {
  type AddressInput,
  checkAddress,
  checkEmail,
  checkIdempotencyKey,
  checkPaymentMethod,
} from '../domain/checks.ts';
import { type Deadlines, deadlineFor } from '../domain/decide.ts';
import type { Address, HistoryEntry, Order, OrderLine } from '../domain/order.ts';
import type { OrderSeen } from '../domain/order-seen.ts';
import { type Quote, quoteOf } from '../domain/quote.ts';
import { type PricedCart, priceCart, readCart } from '../queries/priced-cart.ts';
import { refusal } from '../refusals.ts';
import { inTransaction, type Store } from '../store/index.ts';
import { insertOrder } from '../store/orders.ts';
import { findOrder } from '../store/reads.ts';
import { toEvent } from './advance-order.ts';
import { principalOf } from './principal.ts';

export interface PlaceOrderNeeds {
  readonly store: Store;
  readonly carts: Carts;
  readonly products: Products;
  readonly accessTokenSecret: string;
  readonly deadlines: Deadlines;
  readonly now: () => Date;
}

export interface PlaceOrderInput {
  readonly cartId: string;
  readonly accessToken?: string | null | undefined;
  readonly email: string;
  readonly shippingAddress: AddressInput;
  readonly shippingOptionCode: string;
  readonly paymentMethod: string;
  readonly expectedTotal: Money;
  readonly idempotencyKey: string;
}

export interface PlacedOrder {
  readonly order: OrderSeen;
  /** For guests alone; the same for a repeat. */
  readonly accessToken: string | null;
  readonly replayed: boolean;
}

/** The input, checked and cleaned: what the idempotency key stands for. */
interface Wish {
  readonly cartId: string;
  readonly accessToken: string | null;
  readonly email: string;
  readonly address: Address;
  readonly shippingOptionCode: string;
  readonly paymentMethod: string;
  readonly expectedTotal: Money;
}

export async function placeOrder(
  needs: PlaceOrderNeeds,
  context: RequestContext,
  input: PlaceOrderInput,
): Promise<PlacedOrder> {
  const { caller } = context;
  if (caller.kind === 'client' && !mayPartner(caller)) throw refusal('FORBIDDEN');
  const key = checkIdempotencyKey(input.idempotencyKey);
  const wish = checkWish(input);
  // A guest is the cart: its token is proven before a key counts, for a repeat as well.
  const proven = caller.kind === 'anonymous' ? await readCart(needs.carts, wish, context) : null;
  let written = null as Omit<OrderSeen, 'contact'> | null;
  const { answer, replayed } = await once<{ orderId: string }>(
    needs.store,
    { principal: principalOf(caller, wish.cartId), operation: 'placeOrder', key, input: wish },
    async (settle) => {
      const cart = proven ?? (await readCart(needs.carts, wish, context));
      const priced = await priceCart(needs.products, cart, context);
      requireStock(priced);
      const quote = quoteOf(priced.lines, wish.address.countryCode, wish.shippingOptionCode);
      requireExpectedTotal(quote, wish.expectedTotal);
      const order = newOrder(needs, context, cart, wish, quote);
      const lines = quote.lines.map(toOrderLine);
      const trace = { correlationId: context.correlationId, causationId: null };
      const number = await inTransaction(needs.store, async (tx) => {
        const event = toEvent(placed(order, lines), trace, order.placedAt);
        const audited = auditorOf(context, { asStaff: false })(auditedPlacing(order, lines), order.placedAt);
        const given = await insertOrder(tx, order, lines, event, audited);
        await settle(tx, { orderId: order.id });
        return given;
      });
      written = { order: { ...order, number }, lines, history: [firstEntry(order)] };
      return { orderId: order.id };
    },
  );
  const seen = written ?? { order: await readPlaced(needs.store, answer.orderId) };
  return {
    order: { ...seen, contact: caller.kind !== 'client' },
    accessToken: isGuests(seen.order) ? accessTokenFor(needs.accessTokenSecret, 'order', seen.order.id) : null,
    replayed,
  };
}

function checkWish(input: PlaceOrderInput): Wish {
  return {
    cartId: input.cartId.toLowerCase(),
    accessToken: input.accessToken ?? null,
    email: checkEmail(input.email),
    address: checkAddress(input.shippingAddress),
    shippingOptionCode: input.shippingOptionCode,
    paymentMethod: checkPaymentMethod(input.paymentMethod),
    expectedTotal: input.expectedTotal,
  };
}

/** A shortage that is known is told at once. What is promised is decided by the reservation. */
function requireStock({ shortages }: PricedCart): void {
  const [shortage] = shortages;
  if (shortage === undefined) return;
  const { line, available } = shortage;
  throw refusal('OUT_OF_STOCK', {
    message:
      available === 0
        ? `${line.title} is sold out. Remove it and try again.`
        : `Only ${available} of ${line.title} are left. Lower the quantity and try again.`,
    field: ['cartId'],
  });
}

/** The price confirmed is the price charged. */
function requireExpectedTotal({ total }: Quote, expected: Money): void {
  if (sameMoney(total, expected)) return;
  throw refusal('TOTAL_CHANGED', {
    message: `The total is ${formatMoney(total)} now, not ${formatMoney(expected)}. Nothing was ordered.`,
    field: ['expectedTotal'],
    current: total,
  });
}

function newOrder(
  needs: PlaceOrderNeeds,
  { caller, correlationId }: RequestContext,
  cart: Cart,
  wish: Wish,
  quote: Quote,
): Omit<Order, 'number'> {
  const placedAt = needs.now();
  return {
    id: newId(),
    version: 1,
    status: 'AWAITING_STOCK',
    cartId: cart.id,
    userId: caller.kind === 'user' ? caller.id : null,
    clientId: caller.kind === 'client' ? caller.id : null,
    email: wish.email,
    shippingAddress: wish.address,
    shippingOptionCode: quote.chosen.code,
    currency: quote.total.currency,
    subtotalMinor: quote.subtotal.amountMinor,
    shippingMinor: quote.shippingTotal.amountMinor,
    taxMinor: quote.taxTotal.amountMinor,
    totalMinor: quote.total.amountMinor,
    paymentMethod: wish.paymentMethod,
    attempt: null,
    attempts: 0,
    authorizationEndsAt: null,
    deadlineAt: deadlineFor('AWAITING_STOCK', placedAt, needs.deadlines),
    carrier: null,
    trackingNumber: null,
    correlationId,
    placedAt,
  };
}

function toOrderLine({ tax, ...line }: Quote['lines'][number]): OrderLine {
  return { id: newId(), ...line, taxMinor: tax.amountMinor };
}

function firstEntry({ version, status, placedAt }: Omit<Order, 'number'>): HistoryEntry {
  return { version, status, at: placedAt, reason: null, note: null };
}

async function readPlaced(store: Store, orderId: string): Promise<Order> {
  const order = await findOrder(store, orderId);
  if (order === null) throw new Error(`order ${orderId} was answered for and is not there`);
  return order;
}
