/**
 * The services of eBuy on one table: what each is started with, what it keeps its data in, and whom it may call. Nothing else in the
 * tools knows a service by name.
 */
export const SERVICE_NAMES = [
  'users',
  'products',
  'catalog',
  'search',
  'cart',
  'orders',
  'reviews',
  'payments',
  'sandbox',
  'pictures',
  'router',
] as const;
export type ServiceName = (typeof SERVICE_NAMES)[number];

/** The addresses and secrets of one shop, for the settings that only some services need. */
export interface Wiring {
  /** `http://127.0.0.1:4001`, without a path. */
  readonly urlOf: (service: ServiceName) => string;
  readonly redisUrl: string;
  readonly opensearchUrl: string;
  readonly keycloakUrl: string;
  /** A secret of the shop by its purpose: the same at every start, another for every purpose. */
  readonly secret: (purpose: string) => string;
}

export interface ServiceSpec {
  /** From the repository's folder. */
  readonly main: string;
  /** Tried first; its admin port (health, metrics) is a hundred above. */
  readonly port: number;
  /** A subgraph of the supergraph: the router calls it, and it speaks Kafka. */
  readonly isSubgraph: boolean;
  readonly store: 'postgresql' | 'mongodb' | 'opensearch' | null;
  /** Migrations of its store, from the repository's folder. */
  readonly migrations?: string;
  /** Services whose graph it asks, each with a key of the pair's own. */
  readonly calls: readonly ServiceName[];
  /** Settings beside those that all have. */
  readonly settings: (wiring: Wiring) => Readonly<Record<string, string>>;
}

const none = (): Readonly<Record<string, string>> => ({});
const graphOf = (wiring: Wiring, service: ServiceName): string => `${wiring.urlOf(service)}/graphql`;

const SUBGRAPHS = {
  users: {
    main: 'subgraphs/users/src/main.ts',
    port: 4001,
    isSubgraph: true,
    store: 'postgresql',
    migrations: 'subgraphs/users/prisma/migrations',
    calls: [],
    settings: none,
  },
  products: {
    main: 'subgraphs/products/src/main.ts',
    port: 4002,
    isSubgraph: true,
    store: 'postgresql',
    migrations: 'subgraphs/products/prisma/migrations',
    calls: [],
    settings: none,
  },
  catalog: {
    main: 'subgraphs/catalog/src/main.ts',
    port: 4003,
    isSubgraph: true,
    store: 'mongodb',
    calls: [],
    settings: (wiring) => ({ REDIS_URL: wiring.redisUrl }),
  },
  search: {
    main: 'subgraphs/search/src/main.ts',
    port: 4004,
    isSubgraph: true,
    store: 'opensearch',
    calls: [],
    settings: (wiring) => ({ OPENSEARCH_URL: wiring.opensearchUrl }),
  },
  cart: {
    main: 'subgraphs/cart/src/main.ts',
    port: 4005,
    isSubgraph: true,
    store: 'mongodb',
    calls: ['products'],
    settings: (wiring) => ({
      PRODUCTS_URL: graphOf(wiring, 'products'),
      ACCESS_TOKEN_SECRET: wiring.secret('access-token/cart'),
    }),
  },
  orders: {
    main: 'subgraphs/orders/src/main.ts',
    port: 4006,
    isSubgraph: true,
    store: 'postgresql',
    migrations: 'subgraphs/orders/prisma/migrations',
    calls: ['cart', 'products', 'payments'],
    settings: (wiring) => ({
      CART_URL: graphOf(wiring, 'cart'),
      PRODUCTS_URL: graphOf(wiring, 'products'),
      PAYMENTS_URL: graphOf(wiring, 'payments'),
      ACCESS_TOKEN_SECRET: wiring.secret('access-token/orders'),
      REDIS_URL: wiring.redisUrl,
    }),
  },
  reviews: {
    main: 'subgraphs/reviews/src/main.ts',
    port: 4007,
    isSubgraph: true,
    store: 'mongodb',
    calls: [],
    settings: none,
  },
  payments: {
    main: 'subgraphs/payments/src/main.ts',
    port: 4008,
    isSubgraph: true,
    store: 'postgresql',
    migrations: 'subgraphs/payments/prisma/migrations',
    calls: [],
    settings: (wiring) => ({
      PAYMENT_PROVIDER: 'sandbox',
      SANDBOX_URL: wiring.urlOf('sandbox'),
      SANDBOX_API_KEY: wiring.secret('sandbox/api-key'),
      SANDBOX_WEBHOOK_SECRET: wiring.secret('sandbox/webhook'),
    }),
  },
} as const satisfies Record<string, ServiceSpec>;

export const TOPOLOGY: Readonly<Record<ServiceName, ServiceSpec>> = {
  ...SUBGRAPHS,
  // The payment provider of the development shop: a process with a store of its own, so that a killed payments service finds its charges there.
  sandbox: {
    main: 'subgraphs/payments/sandbox/main.ts',
    port: 4090,
    isSubgraph: false,
    store: 'postgresql',
    calls: [],
    settings: (wiring) => ({
      SANDBOX_API_KEY: wiring.secret('sandbox/api-key'),
      SANDBOX_WEBHOOK_SECRET: wiring.secret('sandbox/webhook'),
      WEBHOOK_URL: `${wiring.urlOf('payments')}/webhooks/sandbox`,
      PUBLIC_URL: wiring.urlOf('sandbox'),
    }),
  },
  // The product pictures of seed/pictures: what a CDN does in a real shop.
  pictures: {
    main: 'tools/pictures/main.ts',
    port: 4010,
    isSubgraph: false,
    store: null,
    calls: [],
    settings: () => ({ PICTURES_DIR: 'seed/pictures' }),
  },
  router: {
    main: 'router/src/main.ts',
    port: 4000,
    isSubgraph: false,
    store: null,
    calls: Object.keys(SUBGRAPHS) as ServiceName[],
    settings: (wiring) => ({
      SUBGRAPH_URLS: JSON.stringify(
        Object.fromEntries(Object.keys(SUBGRAPHS).map((name) => [name, graphOf(wiring, name as ServiceName)])),
      ),
      KEYCLOAK_ISSUER: `${wiring.keycloakUrl}/realms/ebuy`,
      REDIS_URL: wiring.redisUrl,
    }),
  },
};
