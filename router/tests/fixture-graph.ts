import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  close,
  createLogger,
  createMetrics,
  createSubgraphServer,
  listen,
  portOf,
  type RequestContext,
  type Resolvers,
} from '@ebuy/runtime';
import { joinSdl, readSharedSdl } from '@ebuy/schema';
import { composeSubgraphs } from '@ebuy/schema/compose';
import { testKey } from '@ebuy/testing';

/** A small graph of two real subgraph servers, to see what the router does around any graph. */
const members = `
  type Query {
    "Who the subgraph was told asks."
    caller: Member
    "Guarded."
    me: Member @authenticated
  }
  type Mutation {
    "Counts its calls."
    count: Int
    "Counts, too."
    guardedCount: Int @requiresScopes(scopes: [["stock:write"]])
  }
  type Subscription {
    "Never comes."
    counted: Int
  }
  "Someone who asks."
  type Member @key(fields: "id") {
    "Who."
    id: ID!
    "The kind of caller."
    kind: String
    "Given by the router."
    scopes: [String!]
    "The request's."
    correlationId: String
    "Where the request came from."
    address: String
  }
`;
const shop = `
  type Query {
    "What a partner may ask."
    variantsBySku(skus: [String!]!): [Listing!]
    "Never answers."
    hang: String
    "Answers with more than anyone should."
    flood: String
    "Fails."
    fail: String
    "For staff."
    stockLevels: [Int!] @requiresScopes(scopes: [["stock:write"]])
  }
  "A listing."
  type Listing {
    "Its sku."
    sku: String
    "Whether it is there."
    availability: Availability
    "How many."
    availableQuantity: Int
  }
  type Member @key(fields: "id") {
    id: ID!
    "From the other subgraph."
    favourite: String
    "Guarded, deep."
    notes: String @requiresScopes(scopes: [["orders:read"]])
  }
`;

const memberOf = ({ caller, correlationId, clientAddress }: RequestContext) => ({
  id: caller.id ?? 'nobody',
  kind: caller.kind,
  scopes: caller.scopes,
  correlationId,
  address: clientAddress,
});

export interface FixtureGraph {
  readonly supergraphPath: string;
  readonly subgraphUrls: Record<string, string>;
  readonly keys: Record<string, string>;
  /** How often the mutation ran. */
  readonly counted: () => number;
  /** How often the guarded fields were asked of the subgraph. */
  readonly guardedCalls: () => number;
  /** Whether `hang` was asked and waits. */
  readonly isHanging: () => boolean;
  /** How often `hang` was asked. */
  readonly hangs: () => number;
  /** Lets `hang` answer. */
  readonly release: () => void;
  stop(): Promise<void>;
}

export async function startFixtureGraph(): Promise<FixtureGraph> {
  const keys = { members: testKey(), shop: testKey() };
  let counted = 0;
  let guardedCalls = 0;
  let hangs = 0;
  let release: (() => void) | null = null;
  const count = () => {
    counted += 1;
    return counted;
  };
  const guarded = <Value>(value: Value): Value => {
    guardedCalls += 1;
    return value;
  };
  const started = await Promise.all([
    start('members', members, keys.members, {
      Query: {
        caller: (_: unknown, __: unknown, context: RequestContext) => memberOf(context),
        me: (_: unknown, __: unknown, context: RequestContext) => guarded(memberOf(context)),
      },
      Mutation: { count, guardedCount: count },
      Member: { __resolveReference: (reference: { id: string }) => reference },
    }),
    start('shop', shop, keys.shop, {
      Query: {
        variantsBySku: (_: unknown, { skus }: { skus: string[] }) =>
          skus.map((sku) => ({ sku, availability: 'IN_STOCK', availableQuantity: 3 })),
        hang: () =>
          new Promise((resolve) => {
            hangs += 1;
            release = () => resolve('at last');
          }),
        flood: () => 'x'.repeat(11 * 1024 * 1024),
        fail: () => {
          throw new Error('connect ECONNREFUSED 10.1.2.3:5432');
        },
        stockLevels: () => guarded([1, 2]),
      },
      Member: {
        __resolveReference: (reference: { id: string }) => reference,
        favourite: () => 'tea',
        notes: () => guarded('bought a kettle'),
      },
    }),
  ]);
  const folder = mkdtempSync(join(tmpdir(), 'ebuy-router-'));
  const supergraphPath = join(folder, 'supergraph.graphql');
  const shared = readSharedSdl();
  writeFileSync(
    supergraphPath,
    composeSubgraphs([
      { name: 'members', sdl: joinSdl('members', shared, members) },
      { name: 'shop', sdl: joinSdl('shop', shared, shop) },
    ]),
  );
  return {
    supergraphPath,
    keys,
    subgraphUrls: Object.fromEntries(started.map(({ name, url }) => [name, url])),
    counted: () => counted,
    guardedCalls: () => guardedCalls,
    hangs: () => hangs,
    isHanging: () => release !== null,
    release() {
      release?.();
      release = null;
    },
    async stop() {
      release?.();
      await Promise.all(started.map((subgraph) => subgraph.stop()));
      rmSync(folder, { recursive: true });
    },
  };
}

async function start(name: string, own: string, key: string, resolvers: Resolvers) {
  const server = await createSubgraphServer({
    name,
    typeDefs: joinSdl(name, readSharedSdl(), own),
    resolvers,
    identityKeys: { router: key },
    logger: createLogger(name, 'silent'),
    metrics: createMetrics(name),
  });
  await listen(server.http, '127.0.0.1', 0);
  return {
    name,
    url: `http://127.0.0.1:${portOf(server.http)}/graphql`,
    async stop() {
      const closed = close(server.http);
      server.http.closeAllConnections();
      await closed;
    },
  };
}
