import { connect } from 'node:net';
import { eventually } from '@ebuy/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type RunningRouter, startRouter } from '../src/app.ts';
import { addressOf, ask, codesOf, type FixtureRouter, sha256, startFixtureRouter } from './fixture-router.ts';

let fixture: FixtureRouter;
let production: RunningRouter;

beforeAll(async () => {
  fixture = await startFixtureRouter();
  production = await fixture.start({ ...fixture.config, environment: 'production' });
});

afterAll(() => fixture.stop());

describe('when a subgraph', () => {
  test('fails, its field is empty, the others are there, and nobody learns why', async () => {
    const answer = await fixture.post({ query: '{ fail caller { kind } }' }, {}, production);
    expect(answer.json.data).toEqual({ fail: null, caller: { kind: 'anonymous' } });
    expect(answer.json.errors).toMatchObject([{ path: ['fail'], extensions: { code: 'INTERNAL_SERVER_ERROR' } }]);
    expect(answer.text).not.toMatch(/ECONN|10\.1|shop|stack/);
  });

  test('does not answer in time, the rest does', async () => {
    const router = await fixture.start({ ...fixture.config, subgraphTimeoutMs: 2_000 });
    expect((await fixture.post({ query: '{ caller { kind } }' }, {}, router)).status).toBe(200);
    const answer = await fixture.post({ query: '{ hang caller { kind } }' }, {}, router);
    expect(answer.json.data).toEqual({ hang: null, caller: { kind: 'anonymous' } });
    expect(codesOf(answer)).toEqual(['SERVICE_TIMEOUT']);
    fixture.graph.release();
  });

  test('answers with too much, it is cut off', async () => {
    expect(codesOf(await fixture.post({ query: '{ flood }' }))).toEqual(['ANSWER_TOO_LARGE']);
  });

  test('is away, its address is not told', async () => {
    const subgraphUrls = { ...fixture.config.subgraphUrls, shop: 'http://127.0.0.1:9/graphql' };
    const router = await fixture.start({ ...fixture.config, subgraphUrls });
    const answer = await fixture.post(
      { query: '{ variantsBySku(skus: []) { sku } caller { kind favourite } }' },
      {},
      router,
    );
    expect(answer.status).toBe(200);
    expect(answer.json.data).toEqual({ variantsBySku: null, caller: { kind: 'anonymous', favourite: null } });
    expect(new Set(codesOf(answer))).toEqual(new Set(['SERVICE_UNAVAILABLE']));
    expect(answer.text).not.toMatch(/127\.0\.0\.1|ECONN|shop"/);
  });

  test('has no address or no key, the router does not start, and says which', async () => {
    await expect(startRouter({ ...fixture.config, subgraphUrls: {} })).rejects.toThrow(
      /SUBGRAPH_URLS has no address for members/,
    );
    await expect(startRouter({ ...fixture.config, identitySignKeys: {} })).rejects.toThrow(
      /IDENTITY_SIGN_KEYS has no key for shop/,
    );
  });
});

describe('persisted queries', () => {
  const query = 'query Persisted { caller { kind } }';
  const extensions = { persistedQuery: { version: 1, sha256Hash: sha256(query) } };

  test('are known to every replica, under the hash of their text only', async () => {
    expect(codesOf(await fixture.post({ extensions }))).toEqual(['PERSISTED_QUERY_NOT_FOUND']);
    expect((await fixture.post({ query, extensions })).json.data).toBeDefined();
    expect(codesOf(await fixture.post({ query: '{ fail }', extensions }))).toEqual(['PERSISTED_QUERY_HASH_MISMATCH']);
    await eventually(async () => {
      expect((await fixture.post({ extensions }, {}, production)).json.data).toEqual({ caller: { kind: 'anonymous' } });
    });
  });

  test('work in one process while Redis is away', async () => {
    const router = await fixture.start({ ...fixture.config, redisUrl: 'redis://127.0.0.1:9' });
    expect(codesOf(await fixture.post({ extensions }, {}, router))).toEqual(['PERSISTED_QUERY_NOT_FOUND']);
    await fixture.post({ query, extensions }, {}, router);
    expect((await fixture.post({ extensions }, {}, router)).json.data).toEqual({ caller: { kind: 'anonymous' } });
  });
});

describe('in a browser', () => {
  const browser = { headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } };

  test('the graph shows a page of its own that needs nothing from elsewhere', async () => {
    const page = await ask(fixture.development, browser);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    expect(page.text).not.toMatch(/https?:\/\//);
    for (const [, path = ''] of page.text.matchAll(/(?:src|href)="(\/landing[^"]+)"/g)) {
      expect((await fetch(new URL(path, addressOf(fixture.development)))).status).toBe(200);
    }
    const examples = await fetch(new URL('/landing/operations.json', addressOf(fixture.development)));
    expect(await examples.json()).toMatchObject({
      operations: [{ client: 'partner', name: 'PartnerStock', variables: { skus: [''] } }],
    });
  });

  test('and Apollo Sandbox at the same address', async () => {
    const page = await ask(fixture.development, browser, '?sandbox');
    expect(page.text).toContain('embeddable-sandbox');
    expect(page.headers.get('content-security-policy')).toContain('https://embeddable-sandbox.cdn.apollographql.com');
  });

  test('but not in production, which tells nothing about the schema either', async () => {
    expect((await ask(production, browser)).status).toBe(400);
    expect((await fetch(new URL('/landing/landing.js', addressOf(production)))).status).toBe(404);
    const introspection = { query: '{ __schema { types { name } } }' };
    expect((await fixture.post(introspection, {}, production)).status).toBe(400);
    expect((await fixture.post(introspection)).json.data).toBeDefined();
    const typo = await fixture.post({ query: '{ caler { id } }' }, {}, production);
    expect(typo.text).not.toContain('Did you mean');
    expect(typo.headers.get('strict-transport-security')).toContain('max-age');
  });

  test('_service and _entities cannot be reached from outside', async () => {
    for (const query of ['{ _service { sdl } }', '{ _entities(representations: []) { __typename } }']) {
      expect((await fixture.post({ query })).status).toBe(400);
    }
  });
});

describe('the process', () => {
  test('says that it lives, is ready, and what it did', async () => {
    const admin = `http://127.0.0.1:${fixture.development.adminPort}`;
    expect((await fetch(`${admin}/livez`)).status).toBe(200);
    expect((await fetch(`${admin}/readyz`)).status).toBe(200);
    expect(await (await fetch(`${admin}/metrics`)).text()).toContain('ebuy_router_request_seconds');
  });

  test('ends only when what it was asked is answered', async () => {
    const router = await fixture.start(fixture.config);
    const asked = fixture.post({ query: '{ hang }' }, {}, router);
    await eventually(() => expect(fixture.graph.isHanging()).toBe(true));
    const stopped = router.stop();
    fixture.graph.release();
    expect((await asked).status).toBe(200);
    await stopped;
    await expect(fetch(addressOf(router))).rejects.toThrow();
  });

  test('a client that leaves in the middle does no harm', async () => {
    await new Promise<void>((resolve) => {
      const socket = connect(fixture.development.port, '127.0.0.1', () => {
        socket.write(
          'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"que',
        );
        socket.destroy();
        resolve();
      });
    });
    expect((await fixture.post({ query: '{ __typename }' })).status).toBe(200);
  });
});
