/** A graph with subscriptions, fed through the real Redis, and what a stranger may send to its socket. */
import { Fault, Refusal } from '@ebuy/kernel';
import { asRouter, eventually, testEngines, testKey, testNamespace } from '@ebuy/testing';
import { expect } from '@jest/globals';
import {
  ANONYMOUS,
  type Caller,
  createLogger,
  createMetrics,
  createSubgraphServer,
  type Live,
  listen,
  openLive,
  perRequest,
  portOf,
  type RequestContext,
  SIGNED_PURPOSES,
  signIdentity,
} from '../src/index.ts';

export const typeDefs = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@authenticated", "@requiresScopes"])
  type Query { open: String }
  type Subscription {
    counted(name: String!): Count
    mine: Count @authenticated
    secret: Secret
    refused: Count
    faulty: Count
    breaking: Count
  }
  type Count { n: Int! made: Int! guarded: String @requiresScopes(scopes: [["admin"]]) buggy: String }
  type Secret @requiresScopes(scopes: [["admin"]]) { word: String }
`;

export const channel = (id: string) => ({ what: 'count', id });

/** Counts that a test sets and tells of. */
function resolversOver(live: Live, counts: ReadonlyMap<string, number>) {
  let made = 0;
  const once = perRequest(() => {
    made += 1;
    return made;
  });
  const watchCount = (name: string) => live.watch([channel(name)], async () => [{ n: counts.get(name) ?? 0 }]);
  const field = { resolve: (seen: unknown) => seen };
  return {
    Query: { open: () => 'open' },
    Subscription: {
      counted: { ...field, subscribe: (_: unknown, { name }: { name: string }) => watchCount(name) },
      mine: { ...field, subscribe: () => watchCount('mine') },
      secret: { ...field, subscribe: () => watchCount('secret') },
      refused: {
        ...field,
        subscribe: () => {
          throw new Refusal('NOT_FOUND', 'No such thing.');
        },
      },
      faulty: {
        ...field,
        subscribe: () => {
          throw new Fault('redis at 10.0.0.7 is away', { retryable: true });
        },
      },
      breaking: {
        ...field,
        subscribe: () =>
          live.watch([channel('breaking')], async (hint) => {
            if (hint !== null) throw new TypeError('secret detail');
            return [{ n: 0 }];
          }),
      },
    },
    Count: {
      made: (_: unknown, __: unknown, context: RequestContext) => once(context),
      guarded: () => 'guarded',
      buggy: () => {
        throw new TypeError('secret detail');
      },
    },
  };
}

export type LiveGraph = Awaited<ReturnType<typeof openLiveGraph>>;

export async function openLiveGraph() {
  const logger = createLogger('things', 'silent');
  const live = openLive({ redisUrl: testEngines().redis, namespace: testNamespace(), subgraph: 'things', logger });
  const counts = new Map<string, number>();
  const resolvers = resolversOver(live, counts);
  const metrics = createMetrics('things');
  const key = testKey();
  const start = async (
    overrides: { typeDefs?: string; resolvers?: object } = {},
    registry = createMetrics('things'),
  ) => {
    const options = { name: 'things', identityKeys: { router: key }, logger, metrics: registry };
    const server = createSubgraphServer({ ...options, typeDefs, resolvers, ...overrides });
    await listen(server.http, '127.0.0.1', 0);
    return server;
  };
  await eventually(async () => (await live.watch([channel('warm')], async () => [])).return?.());
  const server = await start({}, metrics);
  const port = portOf(server.http);
  const router = asRouter({ name: 'things', port, key });
  return {
    live,
    counts,
    metrics,
    port,
    router,
    /** Another one; whoever starts it ends it. */
    start,
    identityFor: (caller: Caller, body: string, to = 'things', signedWith = key) =>
      signIdentity({ from: 'router', to, body, caller, correlationId: 'c-1' }, { [to]: signedWith }),
    /** A socket that was let in. */
    async admitted(at = port) {
      const raw = await openRaw(at);
      const body = SIGNED_PURPOSES.subscriptions;
      raw.init(
        signIdentity({ from: 'router', to: 'things', body, caller: ANONYMOUS, correlationId: 'c-1' }, { things: key }),
      );
      await eventually(async () => expect(raw.messages.map(({ type }) => type)).toContain('connection_ack'));
      return raw;
    },
    async close() {
      await router.close();
      await server.drain();
      server.http.close();
      await live.close();
    },
  };
}

/** A socket of no library: what a stranger may send. */
export async function openRaw(at: number, protocol: string | string[] = 'graphql-transport-ws', path = '/graphql') {
  const socket = new WebSocket(`ws://127.0.0.1:${at}${path}`, protocol);
  const messages: { type: string; id?: string; payload?: unknown }[] = [];
  socket.addEventListener('message', ({ data }) => messages.push(JSON.parse(String(data))));
  const closed = new Promise<number>((resolve) => socket.addEventListener('close', ({ code }) => resolve(code)));
  const opened = await new Promise<boolean>((resolve) => {
    socket.addEventListener('open', () => resolve(true));
    socket.addEventListener('error', () => resolve(false));
  });
  const send = (message: unknown) => socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  const init = (identity: unknown) => send({ type: 'connection_init', payload: { identity } });
  return { socket, messages, closed, opened, send, init };
}
