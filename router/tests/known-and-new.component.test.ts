import { connect } from 'node:net';
import { eventually } from '@ebuy/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { RunningRouter } from '../src/app.ts';
import { addressOf, bearer, type FixtureRouter, sha256, signIn, startFixtureRouter } from './fixture-router.ts';

let fixture: FixtureRouter;
let production: RunningRouter;
let token: Record<string, string>;

beforeAll(async () => {
  fixture = await startFixtureRouter();
  production = await fixture.start({ ...fixture.config, environment: 'production' });
  token = bearer((await signIn('shopper')).access_token);
});

afterAll(() => fixture.stop());

interface Case {
  readonly query?: string;
  readonly variables?: unknown;
  readonly operationName?: unknown;
  readonly extensions?: unknown;
  readonly headers?: Record<string, string>;
  readonly isGet?: boolean;
  readonly isSignedIn?: boolean;
  readonly isProduction?: boolean;
  /** Whether the second request takes the short way. */
  readonly isKnown: boolean;
}

const known = (rest: Omit<Case, 'isKnown'>): Case => ({ ...rest, isKnown: true });
const never = (rest: Omit<Case, 'isKnown'>): Case => ({ ...rest, isKnown: false });
const SKUS = 'query Skus($skus: [String!]!) { variantsBySku(skus: $skus) { sku availability } }';
const TWO = 'query A { caller { id } } query B { caller { kind } }';
const GUARDED = '{ me { id } caller { kind notes favourite } }';
const hashOf = (query: string) => ({ persistedQuery: { version: 1, sha256Hash: sha256(query) } });
const PERSISTED = 'query Persisted { caller { id favourite } }';
const PREFLIGHTED = { 'apollo-require-preflight': '1' };

const CASES: Readonly<Record<string, Case>> = {
  'a query over two subgraphs': known({ query: '{ caller { id kind favourite } }' }),
  'aliases, fragments and __typename': known({
    query: '{ __typename a: caller { ...F } b: caller { ...F } } fragment F on Member { __typename who: id favourite }',
  }),
  variables: known({ query: SKUS, variables: { skus: ['A-1', 'ü\u2028"'] } }),
  'variables beside those that are declared': known({ query: SKUS, variables: { skus: 'A-1', other: { x: 1 } } }),
  'a condition': known({
    query: 'query($yes: Boolean = true) { caller { id @skip(if: $yes) kind } }',
    variables: { yes: false },
  }),
  'a condition by its default': known({
    query: 'query Other($yes: Boolean = true) { caller { id @skip(if: $yes) kind } }',
  }),
  'null for whatever may be left out': known({
    query: '{ caller { kind } }',
    variables: null,
    operationName: null,
    extensions: null,
  } as Case),
  'other extensions': known({ query: '{ caller { scopes } }', extensions: { some: 'thing' } }),
  'introspection in development': known({ query: '{ __type(name: "Member") { fields { name } } }' }),
  'introspection in production': never({ query: '{ __schema { types { name } } }', isProduction: true }),
  'a missing variable': never({ query: SKUS }),
  'a variable of the wrong type': never({ query: SKUS, variables: { skus: [7] } }),
  'a variable of the wrong type, in production': never({ query: SKUS, variables: { skus: [7] }, isProduction: true }),
  'variables that are no object': never({ query: SKUS, variables: ['A-1'] }),
  'one of several operations': known({ query: TWO, operationName: 'B' }),
  'none of several operations': never({ query: TWO }),
  'an operation that is not there': never({ query: TWO, operationName: 'C' }),
  'an operation with an empty name': never({ query: TWO, operationName: '' }),
  'a name that is no text': never({ query: TWO, operationName: 7 }),
  'a field that is not there': never({ query: '{ nothing }' }),
  'a field that is not there, as JSON': never({ query: '{ nothing }', headers: { accept: 'application/json' } }),
  'a deferred fragment, for who takes no parts': known({ query: '{ caller { id ... @defer { favourite } } }' }),
  'no GraphQL': never({ query: '{' }),
  nothing: never({}),
  'guarded fields without a token': known({ query: GUARDED }),
  'guarded fields with a token': known({ query: GUARDED, isSignedIn: true }),
  'guarded fields without a token, in production': known({ query: GUARDED, isProduction: true }),
  'a mutation that is refused': known({ query: 'mutation { guardedCount }' }),
  'a subgraph that fails': known({ query: '{ fail caller { kind } }' }),
  'a subgraph that fails, in production': known({ query: '{ fail caller { kind } }', isProduction: true }),
  'the newer content type': known({
    query: '{ caller { kind } }',
    headers: { accept: 'application/graphql-response+json' },
  }),
  'the newer content type or the older': known({
    query: '{ caller { kind } }',
    headers: { accept: 'application/graphql-response+json, application/json;q=0.9' },
  }),
  'no content type that there is': never({ query: '{ caller { kind } }', headers: { accept: 'image/png' } }),
  'a page of an allowed origin': known({ query: '{ caller { kind } }', headers: { origin: 'http://shop.test' } }),
  'a page of another origin': known({ query: '{ caller { kind } }', headers: { origin: 'http://evil.test' } }),
  GET: known({ query: SKUS, variables: { skus: [] }, isGet: true, headers: PREFLIGHTED }),
  'GET by a foreign page': never({ query: '{ caller { kind } }', isGet: true }),
  'GET with a content type': never({
    query: '{ caller { kind } }',
    isGet: true,
    headers: { ...PREFLIGHTED, 'content-type': 'application/json', accept: '*/*;q=0.1' },
  }),
  'GET of a mutation': never({ query: 'mutation { guardedCount }', isGet: true, headers: PREFLIGHTED }),
  'a persisted query with its text': known({ query: PERSISTED, extensions: hashOf(PERSISTED) }),
  'a persisted query by its hash': known({ extensions: hashOf(PERSISTED) }),
  'a persisted query by its hash, with GET': known({
    extensions: hashOf(PERSISTED),
    isGet: true,
    headers: PREFLIGHTED,
  }),
  'a persisted query of another version': never({
    query: PERSISTED,
    extensions: { persistedQuery: { version: 2, sha256Hash: sha256(PERSISTED) } },
  }),
  'a persisted query that nobody registered': never({ extensions: hashOf('{ caller { kind } }') }),
  'a persisted query under another hash': never({ query: PERSISTED, extensions: hashOf('{ caller { kind } }') }),
};

/** A text that no other case has asked; a persisted one is what its hash says. */
function unseen(name: string, one: Case): Case {
  const isOwn = one.query === undefined || one.query === PERSISTED || one.extensions !== undefined;
  return isOwn ? one : { ...one, query: `${one.query} # ${name}` };
}

async function ask({ headers = {}, isGet = false, isSignedIn, isProduction, isKnown: _, ...body }: Case) {
  const router = isProduction === true ? production : fixture.development;
  const sent = { accept: '*/*', ...headers, ...(isSignedIn === true ? token : {}) };
  const search = new URLSearchParams(
    Object.entries(body).map(([name, value]): [string, string] => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
  const response = isGet
    ? await fetch(`${addressOf(router)}?${search}`, { headers: sent })
    : await fetch(addressOf(router), {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...sent },
        body: JSON.stringify(body),
      });
  const text = await response.text();
  const id = response.headers.get('x-correlation-id') ?? '';
  const own = [...response.headers].filter(([name]) => name !== 'x-correlation-id' && name !== 'date');
  return { status: response.status, headers: Object.fromEntries(own), text: text.replaceAll(id, 'the id') };
}

async function knownCount(router: RunningRouter): Promise<number> {
  const metrics = await (await fetch(`http://127.0.0.1:${router.adminPort}/metrics`)).text();
  return Number(/^ebuy_router_known_operations_total(?:\{[^}]*\})? (\d+)$/m.exec(metrics)?.[1]);
}

describe('the answer to a known operation is that to a new one', () => {
  test.each(Object.keys(CASES))('for %s', async (name) => {
    const one = unseen(name, CASES[name] as Case);
    const router = one.isProduction === true ? production : fixture.development;
    const before = await knownCount(router);
    const first = await ask(one);
    expect(await ask(one)).toEqual(first);
    expect(await ask(one)).toEqual(first);
    const times = one.query === undefined ? 3 : 2;
    await eventually(async () => expect((await knownCount(router)) - before).toBe(one.isKnown ? times : 0));
    expect(first.text).not.toMatch(/\n$/);
    if (name.includes('not served')) expect(first.status).toBe(400);
    if (one.isKnown) expect([first.status, first.headers['cache-control']]).toEqual([200, 'no-store']);
  });
});

describe('what is known by POST', () => {
  test.each([
    ['mutation { count } # known', PREFLIGHTED, 405],
    ['{ caller { kind } } # known', {}, 400],
    ['{ caller { kind } } # known, too', { ...PREFLIGHTED, 'content-type': 'text/plain' }, 415],
  ])('is refused by GET as ever: %s', async (query, headers, status) => {
    for (let round = 0; round < 2; round += 1) expect((await ask(known({ query }))).status).toBe(200);
    const counted = fixture.graph.counted();
    expect((await ask(known({ query, headers: headers as Record<string, string>, isGet: true }))).status).toBe(status);
    expect(fixture.graph.counted()).toBe(counted);
  });
});

describe('requests that ask the same at the same time', () => {
  const hang = JSON.stringify({ query: '{ hang }' });
  /** Lets the subgraph answer, however often it was asked. */
  const released = async <Result>(asked: Promise<Result>): Promise<Result> => {
    let isDone = false;
    const done = () => {
      isDone = true;
    };
    asked.then(done, done);
    await eventually(() => {
      fixture.graph.release();
      expect(isDone).toBe(true);
    });
    return asked;
  };

  const request = `POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${hang.length}\r\n\r\n${hang}`;

  test('are answered by one execution, each under its own correlation id', async () => {
    await released(fixture.post(hang));
    const before = fixture.graph.hangs();
    // In one packet: both are under way before a subgraph can have answered.
    const socket = connect(fixture.development.port, '127.0.0.1');
    socket.write(request + request);
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString();
    });
    await released(eventually(() => expect(text.match(/\{"data":\{"hang":"at last"\}\}/g)).toHaveLength(2)));
    socket.destroy();
    expect(new Set(text.match(/x-correlation-id: \S+/g)).size).toBe(2);
    expect(fixture.graph.hangs() - before).toBe(1);
  });

  test('are answered though the one that came first has left', async () => {
    const leaving = connect(fixture.development.port, '127.0.0.1');
    leaving.write(request);
    await eventually(() => expect(fixture.graph.isHanging()).toBe(true));
    leaving.destroy();
    expect((await released(fixture.post(hang))).json.data).toEqual({ hang: 'at last' });
  });
});
