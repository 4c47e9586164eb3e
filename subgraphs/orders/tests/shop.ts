/** The orders service on its real engines, with cart and products as neighbours that a test fills. */
import { newId } from '@ebuy/kernel';
import { ANONYMOUS, type Caller, startService } from '@ebuy/runtime';
import {
  asRouter,
  type NeighbourAnswer,
  openTestKafka,
  openTestPostgres,
  startNeighbour,
  type TestDatabase,
  testEngines,
  testKey,
} from '@ebuy/testing';
import { createApp } from '../src/app.ts';
import type { PurchasableVariant } from '../src/clients/products.ts';
import type { Settings } from '../src/config.ts';
import type { PaymentOfOrder, ReservationOfOrder } from '../src/domain/followed.ts';

export const SECRET = 'a secret of the tests, thirty-two characters and more';

export const ADDRESS = { recipient: 'Ada', line1: 'Street 1', city: 'Berlin', postalCode: '10115', countryCode: 'DE' };

interface NeighbourCart {
  readonly id: string;
  /** What opens it for a guest. */
  readonly accessToken: string;
  currency: string | null;
  lines: { variantId: string; quantity: number }[];
}

export type Shop = Awaited<ReturnType<typeof openShop>>;

/** `neighboursMs`: how long cart and products may take; as long as a busy machine does, unless that it ends is under test. */
export async function openShop(
  deadlines: { stockSeconds?: number; paymentSeconds?: number; neighboursMs?: number } = {},
) {
  const patience = { deadlineMs: deadlines.neighboursMs ?? 20_000 };
  const [database, kafka] = await Promise.all([openTestPostgres('orders'), openTestKafka()]);
  const keys = { router: testKey(), cart: testKey(), products: testKey(), payments: testKey() };
  const carts = new Map<string, NeighbourCart>();
  const variants = new Map<string, PurchasableVariant>();
  /** What the neighbours know of orders. */
  const reservations = new Map<string, ReservationOfOrder['status']>();
  const paid = new Map<string, PaymentOfOrder>();
  const asked: { to: string; caller: Caller; variables: Record<string, unknown> }[] = [];
  const faults: { cart?: NeighbourAnswer | undefined; products?: NeighbourAnswer | undefined } = {};
  const cart = await startNeighbour('cart', { orders: keys.cart }, ({ variables, caller }) => {
    asked.push({ to: 'cart', caller, variables });
    if (faults.cart) return faults.cart;
    const found = carts.get(String(variables.id));
    if (found === undefined || (caller.kind === 'anonymous' && variables.accessToken !== found.accessToken)) {
      return { errorCode: 'NOT_FOUND' };
    }
    const lines = found.lines.map(({ variantId, quantity }) => ({ quantity, variant: { id: variantId } }));
    return { data: { cart: { id: found.id, currency: found.currency, lines } } };
  });
  const products = await startNeighbour('products', { orders: keys.products }, ({ variables, caller }) => {
    asked.push({ to: 'products', caller, variables });
    if (faults.products) return faults.products;
    if ('after' in variables || 'orderIds' in variables) {
      return { data: { reservations: answerReservations(reservations, variables) } };
    }
    const ids = variables.ids as string[];
    return { data: { purchasableVariants: ids.flatMap((id) => variants.get(id) ?? []) } };
  });
  const payments = await startNeighbour('payments', { orders: keys.payments }, ({ variables }) => {
    const ids = variables.orderIds as string[];
    return { data: { paymentsOfOrders: ids.flatMap((id) => paid.get(id) ?? []) } };
  });
  const settings: Settings = {
    host: '127.0.0.1',
    port: 0,
    adminPort: 0,
    logLevel: 'silent',
    environment: 'test',
    namespace: kafka.namespace,
    kafkaBrokers: [...kafka.settings.brokers],
    identityVerifyKeys: { router: keys.router },
    identitySignKeys: { cart: keys.cart, products: keys.products, payments: keys.payments },
    databaseUrl: database.url,
    accessTokenSecret: SECRET,
    redisUrl: testEngines().redis,
    cartUrl: cart.url,
    productsUrl: products.url,
    paymentsUrl: payments.url,
    reconcileMinutes: 60,
    stockDeadlineSeconds: deadlines.stockSeconds ?? 120,
    paymentDeadlineSeconds: deadlines.paymentSeconds ?? 1_800,
  };
  const start = () => startService('orders', settings, (given, tools) => createApp(given, tools, patience));
  const service = await start();
  const graph = asRouter({ name: 'orders', port: service.port, key: keys.router });

  /** A variant that is for sale: EUR 10.00, 100 available. */
  const sell = (more: Partial<PurchasableVariant> = {}): PurchasableVariant => {
    const variantId = newId();
    const variant = {
      variantId,
      productId: newId(),
      sku: `SKU-${variantId.slice(-4)}`,
      title: 'A thing',
      price: { amountMinor: 1_000, currency: 'EUR' },
      available: 100,
      published: true,
      ...more,
    };
    variants.set(variant.variantId, variant);
    return variant;
  };
  const fill = (lines: NeighbourCart['lines'], currency: string | null = null): NeighbourCart => {
    const filled = { id: newId(), accessToken: newId(), currency, lines };
    carts.set(filled.id, filled);
    return filled;
  };
  /** What placeOrder takes for a cart with one thing for EUR 10.00, shipped to Germany: EUR 18.92 in all. */
  const wish = (more: Record<string, unknown> = {}): Record<string, unknown> => {
    const filled = fill([{ variantId: sell().variantId, quantity: 1 }]);
    return {
      cartId: filled.id,
      accessToken: filled.accessToken,
      email: 'ada@example.com',
      shippingAddress: ADDRESS,
      shippingOptionCode: 'STANDARD',
      paymentMethod: 'pm_card_visa',
      expectedTotal: { amountMinor: 1_892, currency: 'EUR' },
      idempotencyKey: newId(),
      ...more,
    };
  };
  const place = async (input = wish(), caller: Caller = ANONYMOUS): Promise<PlacePayload> => {
    const { result, errors } = await graph.ask<{ placeOrder: PlacePayload | null }>(PLACE, { input }, caller);
    if (!result?.placeOrder) throw new Error(errors[0]?.extensions?.code ?? errors[0]?.message ?? 'no payload');
    return result.placeOrder;
  };
  return {
    ...reader(database),
    database,
    kafka,
    service,
    start,
    settings,
    reservations,
    paid,
    carts,
    asked,
    faults,
    ask: graph.ask,
    subscribe: graph.subscribe,
    sell,
    fill,
    wish,
    place,
    /** Places an order that is taken, and returns it with its guest's token. */
    async placed(caller: Caller = ANONYMOUS) {
      const { order, accessToken, userErrors } = await place(wish(), caller);
      if (order === null) throw new Error(userErrors[0]?.code);
      return { ...order, accessToken };
    },
    async close() {
      await graph.close();
      await service.stop();
      await Promise.all([cart.close(), products.close(), payments.close(), kafka.close()]);
      await database.drop();
    },
  };
}

function answerReservations(
  reservations: ReadonlyMap<string, ReservationOfOrder['status']>,
  { orderIds, after }: Record<string, unknown>,
): ReservationOfOrder[] {
  const all = [...reservations].map(([orderId, status]) => ({ orderId, status }));
  if (Array.isArray(orderIds)) return all.filter(({ orderId }) => orderIds.includes(orderId));
  const held = all.filter(({ orderId, status }) => status === 'MADE' && orderId > String(after));
  return held.sort((a, b) => (a.orderId < b.orderId ? -1 : 1)).slice(0, 100);
}

/** What the service wrote, read behind its back. */
function reader(database: TestDatabase) {
  return {
    /** The order's events in the outbox, in order. */
    async outbox(orderId: string): Promise<EventWritten[]> {
      const rows = await database.query<{ value: string }>(
        'SELECT value FROM outbox WHERE key = $1 ORDER BY position',
        [orderId],
      );
      return rows.map((row) => JSON.parse(row.value) as EventWritten);
    },
    async statusOf(orderId: string): Promise<string | undefined> {
      const [row] = await database.query<{ status: string }>('SELECT status FROM orders WHERE id = $1', [orderId]);
      return row?.status;
    },
    async historyOf(orderId: string): Promise<(string | null)[][]> {
      const rows = await database.query<{ status: string; reason: string | null }>(
        'SELECT status, reason FROM order_history WHERE order_id = $1 ORDER BY version',
        [orderId],
      );
      return rows.map(({ status, reason }) => [status, reason]);
    },
    async count(table: 'orders' | 'outbox' | 'idempotency_key'): Promise<number> {
      const [row] = await database.query<{ count: string }>(`SELECT count(*) FROM ${table}`);
      return Number(row?.count);
    },
  };
}

export interface EventWritten {
  readonly id: string;
  readonly type: string;
  readonly data: Record<string, unknown>;
  readonly correlationid: string;
  readonly causationid?: string;
}

export interface PlacePayload {
  readonly order: OrderShown | null;
  readonly accessToken: string | null;
  readonly total: { amountMinor: number; currency: string } | null;
  readonly replayed: boolean;
  readonly userErrors: UserErrorShown[];
}
export interface UserErrorShown {
  readonly code: string;
  readonly message: string;
  readonly field: string[] | null;
}
export interface OrderShown {
  readonly id: string;
  readonly version: number;
  readonly number: string;
  readonly status: string;
  readonly email: string | null;
  readonly lines: { id: string; sku: string; title: string; quantity: number; variant: { id: string } | null }[];
  readonly total: { amountMinor: number; currency: string };
  readonly history: { status: string; at: string; reason: string | null; note: string | null }[];
}

export const ORDER = `fragment OrderParts on Order {
  id version number status placedAt email shippingAddress { recipient countryCode }
  lines { id sku title quantity unitPrice { amountMinor currency } lineTotal { amountMinor currency } variant { id } }
  subtotal { amountMinor currency } shippingTotal { amountMinor currency } taxTotal { amountMinor currency } total { amountMinor currency }
  deadlineAt carrier trackingNumber history { version status at reason note }
}`;

const PLACE = `mutation ($input: PlaceOrderInput!) {
  placeOrder(input: $input) { order { ...OrderParts } accessToken total { amountMinor currency } replayed userErrors { code message field } }
} ${ORDER}`;

/** A mutation of `changeOrder`'s kind, and what it answers. */
export async function change(
  shop: Pick<Shop, 'ask'>,
  name: 'retryPayment' | 'cancelOrder' | 'shipOrder' | 'deliverOrder',
  input: Record<string, unknown>,
  caller?: Caller,
) {
  const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input`;
  const { result, errors } = await shop.ask<
    Record<string, { order: OrderShown | null; replayed: boolean; userErrors: UserErrorShown[] } | null>
  >(
    `mutation ($input: ${type}!) { ${name}(input: $input) { order { ...OrderParts } replayed userErrors { code message field } } } ${ORDER}`,
    { input: { idempotencyKey: newId(), ...input } },
    caller,
  );
  const payload = result?.[name];
  return {
    order: payload?.order ?? null,
    replayed: payload?.replayed,
    code: payload?.userErrors[0]?.code ?? null,
    payload,
    errors,
  };
}
