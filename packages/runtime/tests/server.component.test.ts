import { EventEmitter, once } from 'node:events';
import { request } from 'node:http';
import { Fault, Refusal } from '@ebuy/kernel';
import { asRouter, eventually, shopper, staff, testKey } from '@ebuy/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  ANONYMOUS,
  createLogger,
  createMetrics,
  createSubgraphServer,
  listen,
  payloadOf,
  perRequest,
  portOf,
  type RequestContext,
  type SubgraphServer,
  signIdentity,
} from '../src/index.ts';

const typeDefs = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@authenticated", "@requiresScopes"])
  scalar MinorUnits
  scalar DateTime
  type Query {
    open: String
    mine: String @authenticated
    either: String @requiresScopes(scopes: [["a:read", "a:write"], ["admin"]])
    secret: Secret
    refused: String
    faulty: String
    buggy: String
    made: Int!
    echo(amount: MinorUnits, at: DateTime): String
    sure: String!
    slow: Slow
  }
  type Slow { next: String }
  type Subscription { ticks: Int }
  type Secret @requiresScopes(scopes: [["admin"]]) { word: String }
  type Thing @key(fields: "id") { id: ID! note: String @authenticated }
  type Mutation { change: Payload }
  type Payload { made: String userErrors: [Wrong!]! }
  type Wrong { code: String! message: String! field: [String!] }
`;

let made = 0;
/** What was resolved, and when it may go on. */
const steps: string[] = [];
const goOn = new EventEmitter();
/** Tells that a connection was closed, by its client's port. */
const closed = new EventEmitter();
const counter = perRequest(() => {
  made += 1;
  return made;
});

const resolvers = {
  Query: {
    open: () => 'open',
    mine: () => 'mine',
    either: () => 'either',
    secret: () => ({ word: 'xyzzy' }),
    refused: () => {
      throw new Refusal('NOT_FOUND', 'No such thing.');
    },
    faulty: () => {
      throw new Fault('postgresql at 10.0.0.7 is away', { retryable: true });
    },
    buggy: () => {
      throw new TypeError('secret detail');
    },
    made: (_: unknown, __: unknown, context: RequestContext) => counter(context) - counter(context),
    sure: () => null,
    slow: async () => {
      steps.push('slow');
      await once(goOn, 'go');
      return { next: () => void steps.push('next') };
    },
    echo: (_: unknown, { amount, at }: { amount?: number; at?: string }) => JSON.stringify({ amount, at }),
  },
  Mutation: {
    change: () =>
      payloadOf('made', async () => {
        throw new Refusal('TAKEN', 'That name is taken.', { field: ['input', 'name'], current: 'before' });
      }),
  },
  Thing: { __resolveReference: ({ id }: { id: string }) => ({ id, note: 'private' }) },
};

const key = testKey();
let server: SubgraphServer;
let router: ReturnType<typeof asRouter>;
let url: string;

beforeAll(async () => {
  server = createSubgraphServer({
    name: 'things',
    typeDefs,
    resolvers,
    identityKeys: { router: key },
    logger: createLogger('things', 'silent'),
    metrics: createMetrics('things'),
  });
  server.http.on('connection', (socket) => {
    // Once it is closed, it knows no port any more.
    const port = String(socket.remotePort);
    socket.once('close', () => closed.emit(port));
  });
  await listen(server.http, '127.0.0.1', 0);
  url = `http://127.0.0.1:${portOf(server.http)}/graphql`;
  router = asRouter({ name: 'things', port: portOf(server.http), key });
});
afterAll(async () => {
  await router.close();
  server.http.close();
});

const signed = (body: string) => ({
  'content-type': 'application/json',
  'x-ebuy-identity': signIdentity(
    { from: 'router', to: 'things', body, caller: ANONYMOUS, correlationId: 'c-1' },
    { things: key },
  ),
});
const post = (request: unknown) => {
  const body = JSON.stringify(request);
  return fetch(url, { method: 'POST', headers: signed(body), body });
};
const codes = (answer: { errors: readonly { extensions?: { code?: string } }[] }) =>
  answer.errors.map(({ extensions }) => extensions?.code);

describe('a subgraph', () => {
  test('answers nobody without a signed identity, not even its schema', async () => {
    for (const headers of [{}, { 'x-ebuy-identity': 'x.y.z' }, { 'x-user-id': 'u-1' }]) {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: '{"query":"{ _service { sdl } }"}',
      });
      expect(response.status).toBe(401);
      expect(await response.text()).not.toContain('Secret');
    }
  });

  test('has one door', async () => {
    expect((await fetch(url)).status).toBe(404);
    expect((await fetch(url.replace('/graphql', '/other'), { method: 'POST' })).status).toBe(404);
  });

  test('refuses a body beyond its limit without reading on', async () => {
    const response = await fetch(url, { method: 'POST', body: 'x'.repeat(4 * 1024 * 1024) }).catch(() => null);
    expect(response?.status ?? 413).toBe(413);
  });

  test('enforces @authenticated and @requiresScopes, alternatives and all, a field at a time', async () => {
    const query = '{ open mine either secret { word } }';
    const asGuest = await router.ask<Record<string, unknown>>(query);
    expect(asGuest.result).toEqual({ open: 'open', mine: null, either: null, secret: null });
    expect(codes(asGuest)).toEqual(['UNAUTHENTICATED', 'UNAUTHENTICATED', 'UNAUTHENTICATED']);
    const half = await router.ask<Record<string, unknown>>(query, {}, shopper('u', { scopes: ['a:read'] }));
    expect(half.result).toEqual({ open: 'open', mine: 'mine', either: null, secret: null });
    expect(codes(half)).toEqual(['FORBIDDEN', 'FORBIDDEN']);
    const full = await router.ask<Record<string, unknown>>(query, {}, shopper('u', { scopes: ['a:read', 'a:write'] }));
    expect(full.result).toMatchObject({ either: 'either', secret: null });
    const admin = await router.ask<Record<string, unknown>>(query, {}, staff(['admin']));
    expect(admin.result).toEqual({ open: 'open', mine: 'mine', either: 'either', secret: { word: 'xyzzy' } });
  });

  test('guards entity fields reached by reference', async () => {
    const query = '{ _entities(representations: [{ __typename: "Thing", id: "1" }]) { ... on Thing { id note } } }';
    const asGuest = await router.ask<{ _entities: unknown[] }>(query);
    expect(asGuest.result?._entities).toEqual([{ id: '1', note: null }]);
    expect(codes(asGuest)).toEqual(['UNAUTHENTICATED']);
  });

  test('says refusals plainly, masks faults and bugs, each with the correlation id', async () => {
    const answer = await router.ask('{ refused faulty buggy }');
    expect(codes(answer)).toEqual(['NOT_FOUND', 'SERVICE_UNAVAILABLE', 'INTERNAL_SERVER_ERROR']);
    expect(JSON.stringify(answer.errors)).not.toMatch(/10\.0\.0\.7|secret detail|stacktrace|TypeError/);
    expect(answer.errors.every((error) => 'correlationId' in (error.extensions ?? {}))).toBe(true);
  });

  test('shows a refused mutation as a user error beside the state as it is', async () => {
    const answer = await router.ask('mutation { change { made userErrors { code message field } } }');
    expect(answer).toEqual({
      result: {
        change: {
          made: 'before',
          userErrors: [{ code: 'TAKEN', message: 'That name is taken.', field: ['input', 'name'] }],
        },
      },
      errors: [],
    });
  });

  test('makes what is per request once a request', async () => {
    expect((await router.ask('{ made again: made }')).result).toEqual({ made: 0, again: 0 });
    await router.ask('{ made }');
    expect(made).toBe(2);
  });

  test.each([
    ['9007199254740991', '"2026-11-23T17:20:00+01:00"', '{"amount":9007199254740991,"at":"2026-11-23T16:20:00.000Z"}'],
    ['9007199254740992', '"2026-11-23"', null],
    ['1.5', '"yesterday"', null],
    ['"1"', '"2026-13-45T99:00:00Z"', null],
  ])('takes MinorUnits %s and DateTime %s as the schema says', async (amount, at, expected) => {
    const answers = await Promise.all([
      router.ask<{ echo: string }>(`{ echo(amount: ${amount}, at: ${at}) }`),
      router.ask<{ echo: string }>(`{ echo(at: ${at}) }`),
    ]);
    expect(answers[0]?.result?.echo ?? null).toBe(expected);
    if (expected === null) expect(answers.flatMap(codes)).not.toContain('INTERNAL_SERVER_ERROR');
  });

  test.each([
    ['{ open', 400, 'GRAPHQL_PARSE_FAILED', {}],
    ['{ nothing }', 400, 'GRAPHQL_VALIDATION_FAILED', {}],
    ['fragment F on Query { open }', 400, 'GRAPHQL_VALIDATION_FAILED', {}],
    ['query A { open } query B { open }', 400, 'OPERATION_RESOLUTION_FAILURE', {}],
    ['query A { open }', 400, 'OPERATION_RESOLUTION_FAILURE', { operationName: 'B' }],
    ['subscription { ticks }', 400, 'SUBSCRIPTIONS_NOT_SERVED', {}],
    ['query ($at: DateTime!) { echo(at: $at) }', 400, 'BAD_USER_INPUT', {}],
    ['query ($at: DateTime!) { echo(at: $at) }', 400, 'BAD_USER_INPUT', { variables: { at: null } }],
    ['query ($at: DateTime!) { echo(at: $at) }', 400, 'BAD_USER_INPUT', { variables: { at: 'yesterday' } }],
    ['query ($at: DateTime!) { echo(at: $at) }', 400, 'BAD_REQUEST', { variables: '{}' }],
    ['{ open }', 400, 'BAD_REQUEST', { operationName: 1 }],
    ['', 400, 'BAD_REQUEST', {}],
    [{ kind: 'Document' }, 400, 'BAD_REQUEST', {}],
    ['{ refused }', 200, 'NOT_FOUND', {}],
    ['{ sure }', 200, 'INTERNAL_SERVER_ERROR', {}],
  ])('%j is answered with %d and %s', async (query, status, code, more) => {
    // The second time it is known.
    for (let time = 0; time < 2; time += 1) {
      const response = await post({ query, ...more });
      expect(response.status).toBe(status);
      expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
      const answer = (await response.json()) as { errors: { message: string; extensions: { code: string } }[] };
      expect(codes(answer)).toEqual([code]);
      expect(answer.errors[0]?.message.length).toBeGreaterThan(0);
    }
  });

  test.each([[[{ query: '{ open }' }]], ['"{ open }"'], [null], [{}]])(
    'a body such as %j is no request',
    async (body) => {
      const response = await post(body);
      expect(response.status).toBe(400);
      expect(codes((await response.json()) as never)).toEqual(['BAD_REQUEST']);
    },
  );

  test('runs the operation that is named, and answers questions about its schema', async () => {
    const response = await post({ query: 'query A { open } query B { made }', operationName: 'A' });
    expect(await response.json()).toEqual({ data: { open: 'open' } });
    const about = await router.ask<{ _service: { sdl: string }; __schema: { queryType: { name: string } } }>(
      '{ _service { sdl } __schema { queryType { name } } }',
    );
    expect(about.result?._service.sdl).toContain('@requiresScopes');
    expect(about.result?.__schema.queryType.name).toBe('Query');
  });

  test('begins nothing more for whoever has gone', async () => {
    steps.length = 0;
    const body = JSON.stringify({ query: '{ slow { next } }' });
    const gone = request(url, { method: 'POST', headers: signed(body) }, () => undefined);
    gone.on('error', () => undefined).end(body);
    await eventually(async () => expect(steps).toEqual(['slow']));
    const hasGone = once(closed, String(gone.socket?.localPort));
    gone.destroy();
    await hasGone;
    goOn.emit('go');
    await router.ask('{ open }');
    expect(steps).toEqual(['slow']);
    expect((await router.ask('{ open }')).result).toEqual({ open: 'open' });
  });
});
