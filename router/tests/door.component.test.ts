import { request as httpRequest } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  addressOf,
  ask,
  bearer,
  codesOf,
  type FixtureRouter,
  sha256,
  signIn,
  signInPartner,
  startFixtureRouter,
} from './fixture-router.ts';

let fixture: FixtureRouter;

beforeAll(async () => {
  fixture = await startFixtureRouter();
});

afterAll(() => fixture.stop());

describe('who asks', () => {
  test('nobody in particular, without a token; the correlation id goes all the way and back', async () => {
    const answer = await fixture.post(
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
    const answer = await fixture.post(
      { query: '{ caller { id kind } }' },
      { 'x-correlation-id': 'a b"c', 'x-ebuy-identity': 'e30.e30.e30', 'x-user-id': 'admin' },
    );
    expect(answer.json.data).toEqual({ caller: { id: 'nobody', kind: 'anonymous' } });
    expect(answer.headers.get('x-correlation-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('from the address of the socket; from what proxies say only when they are ours, and by the last of them', async () => {
    const behindProxy = await fixture.start({ ...fixture.config, trustedProxies: 1 });
    const from = async (forwarded: string, router = fixture.development) => {
      const headers = { 'x-forwarded-for': forwarded, forwarded: 'for=198.51.100.9', 'x-real-ip': '198.51.100.8' };
      return (await fixture.post({ query: '{ caller { address } }' }, headers, router)).json.data?.caller;
    };
    expect(await from('203.0.113.7')).toEqual({ address: '127.0.0.1' });
    expect(await from('10.0.0.1, 203.0.113.7', behindProxy)).toEqual({ address: '203.0.113.7' });
  });

  test('a shopper, a member of staff and a partner, by their Keycloak tokens', async () => {
    const [shopper, admin] = await Promise.all([signIn('shopper'), signIn('admin')]);
    const query = { query: '{ caller { id kind scopes } }' };
    expect((await fixture.post(query, bearer(shopper.access_token))).json.data).toMatchObject({
      caller: { kind: 'user', scopes: [] },
    });
    const asAdmin = await fixture.post(query, bearer(admin.access_token));
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
      const answer = await fixture.post({ query: '{ __typename }' }, bearer(bad));
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
    expect((await fixture.post({ query: stock, variables, extensions: extensions(stock) }, headers)).json.data).toEqual(
      {
        variantsBySku: [{ sku: 'A-1', availability: 'IN_STOCK', availableQuantity: 3 }],
      },
    );
    expect((await fixture.post({ variables, extensions: extensions(stock) }, headers)).json.data).toBeDefined();

    await fixture.post({ query: other, extensions: extensions(other) });
    for (const body of [
      { query: other },
      { query: other, extensions: extensions(other) },
      { extensions: extensions(other) },
    ]) {
      const answer = await fixture.post(body, headers);
      expect([answer.status, codesOf(answer)]).toEqual([403, ['OPERATION_NOT_SAFELISTED']]);
      expect(answer.text).not.toContain('caller');
    }
    const byGet = await ask(
      fixture.development,
      { headers: { ...headers, 'apollo-require-preflight': '1' } },
      `?extensions=${encodeURIComponent(JSON.stringify(extensions(other)))}`,
    );
    expect(byGet.status).toBe(403);
  });
});

describe('what a caller may not have', () => {
  test('is null with an error of its own, is never asked of a subgraph, and leaves its siblings alone', async () => {
    const calls = fixture.graph.guardedCalls();
    const answer = await fixture.post({ query: '{ me { id } stockLevels caller { kind notes favourite } }' });
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
    expect(fixture.graph.guardedCalls()).toBe(calls);
  });

  test('is decided for each caller anew, with one text and one plan cache', async () => {
    const query = { query: 'query Guarded { me { id } stockLevels caller { notes } }' };
    const [shopper, merchandiser, support] = await Promise.all(['shopper', 'merchandiser', 'support'].map(signIn));
    const as = async (tokens: { access_token: string } | undefined) => {
      const answer = await fixture.post(query, tokens === undefined ? {} : bearer(tokens.access_token));
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
    const counted = fixture.graph.counted();
    const answer = await fixture.post({ query: 'mutation { guardedCount }' });
    expect([answer.json.data, codesOf(answer), fixture.graph.counted()]).toEqual([
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
      const answer = await fixture.post({ query: '{ __typename }' }, { 'content-type': type });
      expect([answer.status, codesOf(answer)]).toEqual([415, ['UNSUPPORTED_MEDIA_TYPE']]);
    },
  );

  test('a GET needs a header that such a page cannot send, and never changes anything', async () => {
    const query = `?query=${encodeURIComponent('{ __typename }')}`;
    expect((await ask(fixture.development, {}, query)).status).toBe(400);
    const preflighted = { headers: { 'apollo-require-preflight': '1' } };
    expect((await ask(fixture.development, preflighted, query)).json.data).toEqual({ __typename: 'Query' });
    const mutation = await ask(fixture.development, preflighted, `?query=${encodeURIComponent('mutation { count }')}`);
    expect([mutation.status, mutation.headers.get('allow'), fixture.graph.counted()]).toEqual([405, 'POST', 0]);
  });

  test('only the origins we name may read', async () => {
    const preflight = (origin: string) =>
      ask(fixture.development, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } });
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
    expect((await fixture.post(padded(1_000_000))).status).toBe(200);
    expect((await fixture.post(padded(1_100_000))).status).toBe(413);
    expect(await postChunked(padded(1_100_000))).toBe(413);
  });

  test('who may import products may send 3 MB', async () => {
    const { access_token: token } = await signIn('merchandiser');
    expect((await fixture.post(padded(2_500_000), bearer(token))).status).toBe(200);
  });

  test('nothing is unpacked', async () => {
    const answer = await ask(fixture.development, {
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
    // Whoever wrote them out would not be done before the sun is.
    ['fragments that double fifty times', JSON.stringify({ query: doubling(50) })],
    [
      'fragments in a circle',
      JSON.stringify({ query: '{ caller { ...A } } fragment A on Member { ...B } fragment B on Member { ...A }' }),
    ],
    ['a subscription', JSON.stringify({ query: 'subscription { nothing }' })],
  ])('%s is refused with 400', async (_, body) => {
    const answer = await fixture.post(body);
    expect(answer.status).toBe(400);
    expect(answer.json.errors?.[0]?.extensions.correlationId).toBe(answer.headers.get('x-correlation-id'));
  });

  test('a subscription is told that it is not served here', async () => {
    const answer = await fixture.post({ query: 'subscription { counted }' });
    expect([answer.status, codesOf(answer)]).toEqual([400, ['SUBSCRIPTIONS_NOT_SERVED']]);
  });

  test.each(['PUT', 'DELETE', 'PATCH'])('%s is not a way to ask', async (method) => {
    expect((await ask(fixture.development, { method })).status).toBe(405);
  });

  test('headers beyond 16 KB are refused', async () => {
    expect((await fixture.post({ query: '{ __typename }' }, { 'x-filler': 'x'.repeat(20_000) })).status).toBe(431);
  });

  test('names that JavaScript objects inherit do nothing', async () => {
    const answer = await fixture.post(
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

/** Without a content-length, so that only counting can tell. */
function postChunked(body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      addressOf(fixture.development),
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
