import { type DomainEvent, newEvent } from '@ebuy/events';
import { newId } from '@ebuy/kernel';
import { ANONYMOUS, type Caller, createGraphClient, type RunningService, startService } from '@ebuy/runtime';
import { asRouter, openTestKafka, openTestPostgres, staff, testKey } from '@ebuy/testing';
import { createApp } from '../src/app.ts';
import { readConfig } from '../src/config.ts';

export const merchandiser = staff(['catalog:write', 'stock:write', 'catalog:read-staff']);

export interface UserError {
  readonly code: string;
  readonly message: string;
  readonly field: string[] | null;
}

export interface ShownVariant {
  readonly id: string;
  readonly sku: string;
  readonly title: string;
  readonly price: { amountMinor: number; currency: string };
  readonly availability: string;
  readonly availableQuantity: number;
  readonly stock: { onHand: number; reserved: number; available: number; version: number } | null;
}

export interface ShownProduct {
  readonly id: string;
  readonly version: number;
  readonly slug: string;
  readonly title: string;
  readonly status: string;
  readonly descriptionHtml: string;
  readonly tags: string[];
  readonly variants: ShownVariant[];
}

export const SHOWN_VARIANT = `id sku title price { amountMinor currency } availability availableQuantity
  stock { onHand reserved available version }`;
export const SHOWN_PRODUCT = `id version slug title status descriptionHtml tags variants { ${SHOWN_VARIANT} }`;

export type Products = Awaited<ReturnType<typeof startProducts>>;

/** The real service on a database and topics of its own, asked as the router asks; `replicas` of it share both. */
export async function startProducts({ replicas = 1 }: { replicas?: number } = {}) {
  const database = await openTestPostgres('products');
  const kafka = await openTestKafka();
  const keys = { router: testKey(), cart: testKey() };
  const environment = {
    PORT: '0',
    ADMIN_PORT: '0',
    LOG_LEVEL: 'silent',
    NODE_ENV: 'test',
    EBUY_NAMESPACE: kafka.namespace,
    KAFKA_BROKERS: kafka.settings.brokers.join(','),
    DATABASE_URL: database.url,
    IDENTITY_VERIFY_KEYS: JSON.stringify(keys),
  };
  const config = readConfig(environment);
  const services: RunningService[] = [];
  for (let replica = 0; replica < replicas; replica += 1) {
    services.push(await startService('products', config, createApp));
  }
  const port = services[0]?.port ?? 0;
  const router = asRouter({ name: 'products', port, key: keys.router });
  const cart = createGraphClient({
    from: 'cart',
    to: 'products',
    url: `http://127.0.0.1:${port}/graphql`,
    keys: { products: keys.cart },
    deadlineMs: 20_000,
  });
  return {
    database,
    kafka,
    config,
    environment,
    keys,
    services,
    router,
    /** Asks as cart does. */
    askAsCart: <Result>(query: string, variables: Record<string, unknown>) =>
      cart.ask<Result>({ query, variables, caller: ANONYMOUS, correlationId: newId() }),
    async stop() {
      await Promise.all([router.close(), cart.close()]);
      await Promise.all(services.map((service) => service.stop()));
      await kafka.close();
      await database.drop();
    },
  };
}

/** Runs a mutation of the console and returns its payload. */
export async function mutate<Payload>(
  { router }: Products,
  name: string,
  input: Record<string, unknown>,
  caller: Caller = merchandiser,
): Promise<Payload> {
  const type = `${name.slice(0, 1).toUpperCase()}${name.slice(1)}Input`;
  const result = ['repriceVariant', 'adjustStock'].includes(name)
    ? `variant { ${SHOWN_VARIANT} }`
    : `product { ${SHOWN_PRODUCT} }`;
  const replayed = ['createProduct', 'adjustStock'].includes(name) ? 'replayed' : '';
  const { result: answer, errors } = await router.ask<Record<string, Payload>>(
    `mutation($input: ${type}!) { ${name}(input: $input) { ${result} userErrors { code message field } ${replayed} } }`,
    { input },
    caller,
  );
  const payload = answer?.[name];
  if (errors.length > 0 || !payload) throw new Error(JSON.stringify(errors));
  return payload;
}

export interface ProductPayload {
  readonly product: ShownProduct | null;
  readonly userErrors: UserError[];
  readonly replayed?: boolean;
}

export interface VariantPayload {
  readonly variant: ShownVariant | null;
  readonly userErrors: UserError[];
  readonly replayed?: boolean;
}

export const codes = (payload: { readonly userErrors: readonly UserError[] }) =>
  payload.userErrors.map(({ code }) => code);

let made = 0;

/** A product input with one variant; what is given replaces. */
export function productInput(more: Record<string, unknown> = {}, variant: Record<string, unknown> = {}) {
  made += 1;
  return {
    title: `Lamp ${made}`,
    variants: [{ sku: `LAMP-${made}`, price: { amountMinor: 1999, currency: 'EUR' }, onHand: 10, ...variant }],
    ...more,
  };
}

export async function makeProduct(
  products: Products,
  more: Record<string, unknown> = {},
  variant: Record<string, unknown> = {},
): Promise<ShownProduct> {
  const { product, userErrors } = await mutate<ProductPayload>(products, 'createProduct', productInput(more, variant));
  if (!product) throw new Error(JSON.stringify(userErrors));
  return product;
}

/** A published product of one variant with these units. */
export async function makeOnSale(products: Products, onHand: number) {
  const { id: productId } = await makeProduct(products, {}, { onHand });
  const { product } = await mutate<ProductPayload>(products, 'publishProduct', { productId });
  const variant = product?.variants[0];
  if (!product || !variant) throw new Error('not published');
  return { product, variant };
}

export function orderPlaced(
  lines: readonly { variantId: string; quantity: number; sku?: string }[],
  orderId = newId(),
): DomainEvent<'order.placed'> {
  return newEvent(
    'order.placed',
    {
      orderId,
      cartId: newId(),
      total: { amountMinor: 1, currency: 'EUR' },
      lines: lines.map(({ variantId, quantity, sku = 'SKU' }) => ({
        orderLineId: newId(),
        productId: newId(),
        variantId,
        sku,
        quantity,
      })),
    },
    { correlationId: 'test', causationId: null },
  );
}

const trace = { correlationId: 'test', causationId: null };

export const orderCancelled = (orderId: string) =>
  newEvent('order.cancelled', { orderId, reason: 'REQUESTED_BY_SHOPPER' }, trace);

export const orderShipped = (orderId: string) => newEvent('order.shipped', { orderId }, trace);

export async function levelsOf({ database }: Products, variantId: string) {
  const [row] = await database.query<{ on_hand: number; reserved: number; version: number }>(
    'SELECT on_hand, reserved, version FROM stock WHERE variant_id = $1',
    [variantId],
  );
  return row;
}

export async function statusOf({ database }: Products, orderId: string): Promise<string | undefined> {
  const [row] = await database.query<{ status: string }>('SELECT status FROM reservation WHERE order_id = $1', [
    orderId,
  ]);
  return row?.status;
}
