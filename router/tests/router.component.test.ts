import { createHash } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { eventually, testEngines, testNamespace } from '@ebuy/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type RunningRouter, startRouter } from '../src/app.ts';
import { type Config, readConfig } from '../src/config.ts';
import { type FixtureGraph, startFixtureGraph } from './fixture-graph.ts';

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: {
    data?: Record<string, unknown> | null;
    errors?: { message: string; path?: unknown; extensions: Record<string, unknown> }[];
  };
}

let graph: FixtureGraph;
let config: Config;
let development: RunningRouter;
let production: RunningRouter;
const routers: RunningRouter[] = [];

beforeAll(async () => {
  graph = await startFixtureGraph();
  const { redis, keycloak } = testEngines();
  config = readConfig({
    PORT: '0',
    ADMIN_PORT: '0',
    LOG_LEVEL: 'silent',
    EBUY_NAMESPACE: testNamespace(),
    SUBGRAPH_URLS: JSON.stringify(graph.subgraphUrls),
    IDENTITY_SIGN_KEYS: JSON.stringify(graph.keys),
    KEYCLOAK_ISSUER: `${keycloak}/realms/ebuy`,
    REDIS_URL: redis,
    SUPERGRAPH_PATH: graph.supergraphPath,
    ALLOWED_ORIGINS: 'http://shop.test',
    SUBGRAPH_TIMEOUT_MS: '700',
  });
  development = await start(config);
  production = await start({ ...config, environment: 'production' });
});

afterAll(async () => {
  await Promise.all(routers.map((router) => router.stop()));
  await graph.stop();
});

async function start(settings: Config): Promise<RunningRouter> {
  const router = await startRouter(settings);
  routers.push(router);
  return router;
}

const addressOf = (router: RunningRouter) => `http://127.0.0.1:${router.port}/graphql`;

async function ask(router: RunningRouter, init: RequestInit, path = ''): Promise<Answer> {
  const response = await fetch(addressOf(router) + path, init);
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: parse(text) };
}

function parse(text: string): Answer['json'] {
  try {
    return JSON.parse(text) as Answer['json'];
  } catch {
    return {};
  }
}

const post = (body: unknown, headers: Record<string, string> = {}, router = development) =>
  ask(router, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const codesOf = ({ json }: Answer) => (json.errors ?? []).map(({ extensions }) => extensions.code);
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

async function fetchTokens(
  form: Record<string, string>,
  realm = 'ebuy',
): Promise<{ access_token: string; id_token: string }> {
  const response = await fetch(`${testEngines().keycloak}/realms/${realm}/protocol/openid-connect/token`, {
    method: 'POST',
    body: new URLSearchParams(form),
  });
  if (!response.ok) throw new Error(`Keycloak: ${response.status} ${await response.text()}`);
  return (await response.json()) as { access_token: string; id_token: string };
}

const signIn = (name: string) =>
  fetchTokens({
    grant_type: 'password',
    client_id: 'ebuy-dev',
    username: `${name}@example.com`,
    password: 'ebuy-demo',
    scope: 'openid',
  });
const signInPartner = () =>
  fetchTokens({ grant_type: 'client_credentials', client_id: 'ebuy-partner-demo', client_secret: 'ebuy-demo-partner' });

describe('who asks', () => {
  test('nobody in particular, without a token; the correlation id goes all the way and back', async () => {
    const answer = await post(
      { query: '{ caller { kind scopes correlationId favourite } }' },
      { 'x-correlation-id': 'my-own-id-1' },
    );
    expect(answer.status).toBe(200);
    expect(answer.json.data).toEqual({
      caller: { kind: 'anonymous', scopes: [], correlationId: 'my-own-id-1', favourite: 'tea' },
    });
    expect(answer.headers.get('x-correlation-id')).toBe('my-own-id-1');
  });

  test("a correlation id that is not plain is replaced, and identity headers of a client's own count for nothing", async () => {
    const answer = await post(
      { query: '{ caller { id kind } }' },
      { 'x-correlation-id': 'a b"c', 'x-ebuy-identity': 'e30.e30.e30', 'x-user-id': 'admin' },
    );
    expect(answer.json.data).toEqual({ caller: { id: 'nobody', kind: 'anonymous' } });
    expect(answer.headers.get('x-correlation-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('a shopper, a member of staff and a partner, by their Keycloak tokens', async () => {
    const [shopper, admin] = await Promise.all([signIn('shopper'), signIn('admin')]);
    const query = { query: '{ caller { id kind scopes } }' };
    expect((await post(query, bearer(shopper.access_token))).json.data).toMatchObject({
      caller: { kind: 'user', scopes: [] },
    });
    const asAdmin = await post(query, bearer(admin.access_token));
    expect(asAdmin.json.data).toMatchObject({
      caller: { kind: 'user', scopes: expect.arrayContaining(['users:admin']) },
    });
  });

  test('a bad token is refused, clearly, whatever is asked', async () => {
    const { access_token: token, id_token: idToken } = await signIn('shopper');
    const [header, payload = '', signature] = token.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
    const raised = Buffer.from(JSON.stringify({ ...claims, realm_access: { roles: ['admin'] } })).toString('base64url');
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    for (const bad of [idToken, `${header}.${raised}.${signature}`, `${none}.${payload}.`, 'x.y.z']) {
      const answer = await post({ query: '{ __typename }' }, bearer(bad));
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toContain('Bearer');
      expect(codesOf(answer)).toEqual(['UNAUTHENTICATED']);
      expect(answer.json.errors?.[0]?.extensions.correlationId).toBe(answer.headers.get('x-correlation-id'));
    }
  });
});

describe('a partner', () => {
  const stock =
    'query PartnerStock($skus: [String!]!) { variantsBySku(skus: $skus) { sku availability availableQuantity } }';
  const other = '{ caller { id } }';
  const variables = { skus: ['A-1'] };

  test('gets its registered operations, by text and by hash, and nothing else', async () => {
    const headers = bearer((await signInPartner()).access_token);
    const extensions = (text: string) => ({ persistedQuery: { version: 1, sha256Hash: sha256(text) } });
    expect((await post({ query: stock, variables, extensions: extensions(stock) }, headers)).json.data).toEqual({
      variantsBySku: [{ sku: 'A-1', availability: 'IN_STOCK', availableQuantity: 3 }],
    });
    expect((await post({ variables, extensions: extensions(stock) }, headers)).json.data).toBeDefined();

    await post({ query: other, extensions: extensions(other) });
    for (const body of [
      { query: other },
      { query: other, extensions: extensions(other) },
      { extensions: extensions(other) },
    ]) {
      const answer = await post(body, headers);
      expect([answer.status, codesOf(answer)]).toEqual([403, ['OPERATION_NOT_SAFELISTED']]);
      expect(answer.text).not.toContain('caller');
    }
    const byGet = await ask(
      development,
      { headers: { ...headers, 'apollo-require-preflight': '1' } },
      `?extensions=${encodeURIComponent(JSON.stringify(extensions(other)))}`,
    );
    expect(byGet.status).toBe(403);
  });
});

describe('what a caller may not have', () => {
  test('is null with an error of its own, is never asked of a subgraph, and leaves its siblings alone', async () => {
    const calls = graph.guardedCalls();
    const answer = await post({ query: '{ me { id } stockLevels caller { kind notes favourite } }' });
    expect(answer.status).toBe(200);
    expect(answer.json.data).toEqual({
      me: null,
      stockLevels: null,
      caller: { kind: 'anonymous', notes: null, favourite: 'tea' },
    });
    expect(answer.json.errors).toMatchObject([
      { path: ['me'], extensions: { code: 'UNAUTHENTICATED' } },
      { path: ['stockLevels'], extensions: { code: 'UNAUTHENTICATED' } },
      { path: ['caller', 'notes'], extensions: { code: 'UNAUTHENTICATED' } },
    ]);
    expect(graph.guardedCalls()).toBe(calls);
  });

  test('is decided for each caller anew, with one text and one plan cache', async () => {
    const query = { query: 'query Guarded { me { id } stockLevels caller { notes } }' };
    const [shopper, merchandiser, support] = await Promise.all(['shopper', 'merchandiser', 'support'].map(signIn));
    const as = async (tokens: { access_token: string } | undefined) => {
      const answer = await post(query, tokens === undefined ? {} : bearer(tokens.access_token));
      return [
        Object.entries(answer.json.data ?? {}).filter(([, value]) => value !== null).length,
        codesOf(answer).join(),
      ];
    };
    for (let round = 0; round < 2; round += 1) {
      expect(await as(undefined)).toEqual([1, 'UNAUTHENTICATED,UNAUTHENTICATED,UNAUTHENTICATED']);
      expect(await as(shopper)).toEqual([2, 'FORBIDDEN,FORBIDDEN']);
      expect(await as(merchandiser)).toEqual([3, 'FORBIDDEN']);
      expect(await as(support)).toEqual([2, 'FORBIDDEN']);
    }
  });

  test('does not run when it is a mutation', async () => {
    const counted = graph.counted();
    const answer = await post({ query: 'mutation { guardedCount }' });
    expect([answer.json.data, codesOf(answer), graph.counted()]).toEqual([
      { guardedCount: null },
      ['UNAUTHENTICATED'],
      counted,
    ]);
  });
});

describe('requests that a page elsewhere could send', () => {
  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', ''])(
    'as %j are refused',
    async (type) => {
      const answer = await post({ query: '{ __typename }' }, { 'content-type': type });
      expect([answer.status, codesOf(answer)]).toEqual([415, ['UNSUPPORTED_MEDIA_TYPE']]);
    },
  );

  test('a GET needs a header that such a page cannot send, and never changes anything', async () => {
    const query = `?query=${encodeURIComponent('{ __typename }')}`;
    expect((await ask(development, {}, query)).status).toBe(400);
    const preflighted = { headers: { 'apollo-require-preflight': '1' } };
    expect((await ask(development, preflighted, query)).json.data).toEqual({ __typename: 'Query' });
    const mutation = await ask(development, preflighted, `?query=${encodeURIComponent('mutation { count }')}`);
    expect([mutation.status, mutation.headers.get('allow'), graph.counted()]).toEqual([405, 'POST', 0]);
  });

  test('only the origins we name may read', async () => {
    const preflight = (origin: string) =>
      ask(development, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } });
    expect((await preflight('http://shop.test')).headers.get('access-control-allow-origin')).toBe('http://shop.test');
    for (const origin of ['http://evil.test', 'http://shop.test.evil.test', 'null']) {
      expect((await preflight(origin)).headers.get('access-control-allow-origin')).toBeNull();
    }
    expect((await preflight('http://shop.test')).headers.get('access-control-allow-credentials')).toBeNull();
  });
});

describe('limits', () => {
  const padded = (bytes: number) => JSON.stringify({ query: '{ __typename }', padding: 'x'.repeat(bytes) });

  test('a body of more than 1 MB is refused, announced or not', async () => {
    expect((await post(padded(1_000_000))).status).toBe(200);
    const announced = await post(padded(1_100_000)).catch((error: unknown) => error);
    if (!(announced instanceof Error)) expect((announced as Answer).status).toBe(413);
    expect(await postChunked(padded(1_100_000))).toBe(413);
  });

  test('who may import products may send 3 MB', async () => {
    const { access_token: token } = await signIn('merchandiser');
    expect((await post(padded(2_500_000), bearer(token))).status).toBe(200);
  });

  test('nothing is unpacked', async () => {
    const answer = await ask(development, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
      body: gzipSync(padded(100)),
    });
    expect(answer.status).toBe(415);
  });

  test.each([
    ['a list of operations', JSON.stringify([{ query: '{ __typename }' }])],
    ['no JSON', '{"query"'],
    ['no object', '7'],
    ['nothing', '{}'],
    ['ten thousand tokens', JSON.stringify({ query: `{ ${'a '.repeat(10_000)} }` })],
    ['fragments that double twenty times', JSON.stringify({ query: doubling(20) })],
    [
      'fragments in a circle',
      JSON.stringify({ query: '{ caller { ...A } } fragment A on Member { ...B } fragment B on Member { ...A }' }),
    ],
    ['a subscription', JSON.stringify({ query: 'subscription { nothing }' })],
  ])('%s is refused with 400 in a moment', async (_, body) => {
    const startedAt = performance.now();
    const answer = await post(body);
    expect(answer.status).toBe(400);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    expect(answer.json.errors?.[0]?.extensions.correlationId).toBe(answer.headers.get('x-correlation-id'));
  });

  test.each(['PUT', 'DELETE', 'PATCH'])('%s is not a way to ask', async (method) => {
    expect((await ask(development, { method })).status).toBe(405);
  });

  test('headers beyond 16 KB are refused', async () => {
    expect((await post({ query: '{ __typename }' }, { 'x-filler': 'x'.repeat(20_000) })).status).toBe(431);
  });

  test('names that JavaScript objects inherit do nothing', async () => {
    const answer = await post(
      '{"query":"{ __typename }","variables":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}}',
    );
    expect(answer.status).toBe(200);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  function doubling(times: number): string {
    const fragments = Array.from({ length: times }, (_, n) => `fragment F${n} on Member { ...F${n + 1} ...F${n + 1} }`);
    return `{ caller { ...F0 } } ${fragments.join(' ')} fragment F${times} on Member { id }`;
  }
});

describe('when a subgraph', () => {
  test('fails, its field is empty, the others are there, and nobody learns why', async () => {
    const answer = await post({ query: '{ fail caller { kind } }' }, {}, production);
    expect(answer.json.data).toEqual({ fail: null, caller: { kind: 'anonymous' } });
    expect(answer.json.errors).toMatchObject([{ path: ['fail'], extensions: { code: 'INTERNAL_SERVER_ERROR' } }]);
    expect(answer.text).not.toMatch(/ECONN|10\.1|shop|stack/);
  });

  test('does not answer in time, the rest does', async () => {
    const answer = await post({ query: '{ hang caller { kind } }' });
    expect(answer.json.data).toEqual({ hang: null, caller: { kind: 'anonymous' } });
    expect(codesOf(answer)).toEqual(['SERVICE_TIMEOUT']);
    graph.release();
  });

  test('answers with too much, it is cut off', async () => {
    expect(codesOf(await post({ query: '{ flood }' }))).toEqual(['ANSWER_TOO_LARGE']);
  });

  test('is away, its address is not told', async () => {
    const subgraphUrls = { ...config.subgraphUrls, shop: 'http://127.0.0.1:9/graphql' };
    const router = await start({ ...config, subgraphUrls });
    const answer = await post({ query: '{ variantsBySku(skus: []) { sku } caller { kind favourite } }' }, {}, router);
    expect(answer.status).toBe(200);
    expect(answer.json.data).toEqual({ variantsBySku: null, caller: { kind: 'anonymous', favourite: null } });
    expect(new Set(codesOf(answer))).toEqual(new Set(['SERVICE_UNAVAILABLE']));
    expect(answer.text).not.toMatch(/127\.0\.0\.1|ECONN|shop"/);
  });

  test('has no address or no key, the router does not start, and says which', async () => {
    await expect(startRouter({ ...config, subgraphUrls: {} })).rejects.toThrow(
      /SUBGRAPH_URLS has no address for members/,
    );
    await expect(startRouter({ ...config, identitySignKeys: {} })).rejects.toThrow(
      /IDENTITY_SIGN_KEYS has no key for shop/,
    );
  });
});

describe('persisted queries', () => {
  const query = 'query Persisted { caller { kind } }';
  const extensions = { persistedQuery: { version: 1, sha256Hash: sha256(query) } };

  test('are known to every replica, under the hash of their text only', async () => {
    expect(codesOf(await post({ extensions }))).toEqual(['PERSISTED_QUERY_NOT_FOUND']);
    expect((await post({ query, extensions })).json.data).toBeDefined();
    expect(codesOf(await post({ query: '{ fail }', extensions }))).toEqual(['PERSISTED_QUERY_HASH_MISMATCH']);
    await eventually(async () => {
      expect((await post({ extensions }, {}, production)).json.data).toEqual({ caller: { kind: 'anonymous' } });
    });
  });

  test('work in one process while Redis is away', async () => {
    const router = await start({ ...config, redisUrl: 'redis://127.0.0.1:9' });
    expect(codesOf(await post({ extensions }, {}, router))).toEqual(['PERSISTED_QUERY_NOT_FOUND']);
    await post({ query, extensions }, {}, router);
    expect((await post({ extensions }, {}, router)).json.data).toEqual({ caller: { kind: 'anonymous' } });
  });
});

describe('in a browser', () => {
  const browser = { headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } };

  test('the graph shows a page of its own that needs nothing from elsewhere', async () => {
    const page = await ask(development, browser);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    expect(page.text).not.toMatch(/https?:\/\//);
    for (const [, path = ''] of page.text.matchAll(/(?:src|href)="(\/landing[^"]+)"/g)) {
      expect((await fetch(new URL(path, addressOf(development)))).status).toBe(200);
    }
    const examples = await fetch(new URL('/landing/operations.json', addressOf(development)));
    expect(await examples.json()).toMatchObject({
      operations: [{ client: 'partner', name: 'PartnerStock', variables: { skus: [''] } }],
    });
  });

  test('and Apollo Sandbox at the same address', async () => {
    const page = await ask(development, browser, '?sandbox');
    expect(page.text).toContain('embeddable-sandbox');
    expect(page.headers.get('content-security-policy')).toContain('https://embeddable-sandbox.cdn.apollographql.com');
  });

  test('but not in production, which tells nothing about the schema either', async () => {
    expect((await ask(production, browser)).status).toBe(400);
    expect((await fetch(new URL('/landing/landing.js', addressOf(production)))).status).toBe(404);
    const introspection = { query: '{ __schema { types { name } } }' };
    expect((await post(introspection, {}, production)).status).toBe(400);
    expect((await post(introspection)).json.data).toBeDefined();
    const typo = await post({ query: '{ caler { id } }' }, {}, production);
    expect(typo.text).not.toContain('Did you mean');
    expect(typo.headers.get('strict-transport-security')).toContain('max-age');
  });

  test('_service and _entities cannot be reached from outside', async () => {
    for (const query of ['{ _service { sdl } }', '{ _entities(representations: []) { __typename } }']) {
      expect((await post({ query })).status).toBe(400);
    }
  });
});

describe('the process', () => {
  test('says that it lives, is ready, and what it did', async () => {
    const admin = `http://127.0.0.1:${development.adminPort}`;
    expect((await fetch(`${admin}/livez`)).status).toBe(200);
    expect((await fetch(`${admin}/readyz`)).status).toBe(200);
    expect(await (await fetch(`${admin}/metrics`)).text()).toContain('ebuy_router_request_seconds');
  });

  test('ends only when what it was asked is answered', async () => {
    const router = await start({ ...config, subgraphTimeoutMs: 10_000 });
    const asked = post({ query: '{ hang }' }, {}, router);
    await eventually(() => expect(graph.isHanging()).toBe(true));
    const stopped = router.stop();
    graph.release();
    expect((await asked).status).toBe(200);
    await stopped;
    await expect(fetch(addressOf(router))).rejects.toThrow();
  });

  test('a client that leaves in the middle does no harm', async () => {
    await new Promise<void>((resolve) => {
      const socket = connect(development.port, '127.0.0.1', () => {
        socket.write(
          'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"que',
        );
        socket.destroy();
        resolve();
      });
    });
    expect((await post({ query: '{ __typename }' })).status).toBe(200);
  });
});

/** Without a content-length, so that only counting can tell. */
function postChunked(body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      addressOf(development),
      { method: 'POST', headers: { 'content-type': 'application/json', 'transfer-encoding': 'chunked' } },
      (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}
