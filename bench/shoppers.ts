// Shoppers in a closed loop: each buys, sees the order confirmed, and buys again.
import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '@ebuy/kernel';
import { ADDRESSES } from '@ebuy/tools/demo/addresses.ts';
import type { Money } from '@ebuy/tools/demo/shapes.ts';
import type { Visitor } from '@ebuy/tools/demo/visitor.ts';

const ORDER_DEADLINE_MS = 30_000;
const LEAST_PAUSE_MS = 5;
const REMEMBERED = 50;

const CREATE_CART =
  'mutation CreateCart($input: CreateCartInput!) { createCart(input: $input) { cart { id } accessToken userErrors { code message } } }';
const PLACE_ORDER =
  'mutation PlaceOrder($input: PlaceOrderInput!) { placeOrder(input: $input) { order { id } accessToken userErrors { code message } } }';
export const FOLLOW_ORDER =
  'query Order($id: ID!, $accessToken: String) { order(id: $id, accessToken: $accessToken) { status history { status at } } }';

/** What every shopper buys: one unit, for a total that was quoted once. */
export interface Offer {
  readonly variantIds: readonly string[];
  readonly total: Money;
  readonly shippingOptionCode: string;
}

export interface Purchase {
  readonly orderId: string;
  readonly accessToken: string;
  /** When it was seen confirmed, by the bench's clock. */
  readonly endedAtMs: number;
  /** From sending placeOrder to seeing CONFIRMED. */
  readonly seenMs: number;
  /** From placed to confirmed by the order's own history. */
  readonly settledMs: number;
  readonly polls: number;
}

export interface Shopping {
  readonly purchases: readonly Purchase[];
  readonly startedAtMs: number;
  readonly failures: readonly string[];
}

/** Lets `shoppers` buy for `durationMs`; those under way then finish. */
export async function goShopping(
  visitor: Visitor,
  offer: Offer,
  shoppers: number,
  durationMs: number,
): Promise<Shopping> {
  const pace = new Pace();
  const purchases: Purchase[] = [];
  const failures: string[] = [];
  const startedAtMs = performance.now();
  const shop = async (shopper: number) => {
    for (let turn = shopper; performance.now() - startedAtMs < durationMs; turn += shoppers) {
      try {
        purchases.push(await buy(visitor, offer, offer.variantIds[turn % offer.variantIds.length]!, pace));
      } catch (error) {
        failures.push(error instanceof Error ? error.message : String(error));
      }
    }
  };
  await Promise.all(Array.from({ length: shoppers }, (_, shopper) => shop(shopper)));
  return { purchases, startedAtMs, failures };
}

async function buy(visitor: Visitor, offer: Offer, variantId: string, pace: Pace): Promise<Purchase> {
  const { createCart } = await visitor.get<{ createCart: { cart: { id: string } | null; accessToken: string } }>(
    CREATE_CART,
    {
      input: { lines: [{ variantId, quantity: 1 }] },
    },
  );
  if (!createCart.cart) throw new Error(`no cart: ${JSON.stringify(createCart)}`);
  const sentAt = performance.now();
  const { placeOrder } = await visitor.get<{ placeOrder: { order: { id: string } | null; accessToken: string } }>(
    PLACE_ORDER,
    {
      input: {
        cartId: createCart.cart.id,
        accessToken: createCart.accessToken,
        email: 'bench@example.com',
        shippingAddress: ADDRESSES.DE,
        shippingOptionCode: offer.shippingOptionCode,
        paymentMethod: 'pm_card_visa',
        expectedTotal: offer.total,
        idempotencyKey: newId(),
      },
    },
  );
  if (!placeOrder.order) throw new Error(`no order: ${JSON.stringify(placeOrder)}`);
  const { id } = placeOrder.order;
  const { accessToken } = placeOrder;
  const { settledMs, polls } = await untilConfirmed(visitor, { id, accessToken }, sentAt, pace);
  const endedAtMs = performance.now();
  pace.remember(endedAtMs - sentAt);
  return { orderId: id, accessToken, endedAtMs, seenMs: endedAtMs - sentAt, settledMs, polls };
}

interface FollowedOrder {
  readonly status: string;
  readonly history: readonly { readonly status: string; readonly at: string }[];
}

async function untilConfirmed(visitor: Visitor, key: object, sentAt: number, pace: Pace) {
  await sleep(pace.firstPauseMs(performance.now() - sentAt));
  for (let polls = 1; ; polls += 1) {
    const { order } = await visitor.get<{ order: FollowedOrder }>(FOLLOW_ORDER, key);
    if (order.status === 'CONFIRMED') {
      const at = (status: string) => Date.parse(order.history.find((entry) => entry.status === status)?.at ?? '');
      return { settledMs: at('CONFIRMED') - at('AWAITING_STOCK'), polls };
    }
    if (order.status === 'CANCELLED') throw new Error(`cancelled: ${JSON.stringify(order.history)}`);
    if (performance.now() - sentAt > ORDER_DEADLINE_MS) throw new Error(`still ${order.status}`);
    await sleep(pace.pauseMs());
  }
}

/** When to ask: shortly before an order is usually confirmed, then often. Asking all the time would be most of the load. */
class Pace {
  private readonly recent: number[] = [];

  remember(ms: number): void {
    this.recent.push(ms);
    if (this.recent.length > REMEMBERED) this.recent.shift();
  }

  firstPauseMs(passedMs: number): number {
    return Math.max(LEAST_PAUSE_MS, this.usual() * 0.8 - passedMs);
  }

  pauseMs(): number {
    return Math.max(LEAST_PAUSE_MS, this.usual() * 0.15);
  }

  private usual(): number {
    return [...this.recent].sort((a, b) => a - b)[this.recent.length >> 1] ?? 0;
  }
}
