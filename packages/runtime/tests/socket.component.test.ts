import { eventually, testKey } from '@ebuy/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ANONYMOUS, portOf, SIGNED_PURPOSES } from '../src/index.ts';
import { type LiveGraph, openLiveGraph, openRaw, typeDefs } from './live-graph.fixture.ts';

let graph: LiveGraph;
beforeAll(async () => {
  graph = await openLiveGraph();
});
afterAll(() => graph?.close());

describe('the socket', () => {
  test.each([
    ['nothing', () => undefined],
    ['no text', () => 7],
    ["another service's", () => graph.identityFor(ANONYMOUS, SIGNED_PURPOSES.subscriptions, 'others')],
    ['one by another key', () => graph.identityFor(ANONYMOUS, SIGNED_PURPOSES.subscriptions, 'things', testKey())],
    ["a request's", () => graph.identityFor(ANONYMOUS, '{"query":"subscription { counted(name: \\"a\\") { n } }"}')],
  ])('lets nobody in who shows %s', async (_, identity) => {
    const raw = await openRaw(graph.port);
    raw.init(identity());
    expect(await raw.closed).toBe(4403);
    expect(raw.messages).toEqual([]);
  });

  test('takes no identity of a stream for a request', async () => {
    const response = await fetch(`http://127.0.0.1:${graph.port}/graphql`, {
      method: 'POST',
      headers: { 'x-ebuy-identity': graph.identityFor(ANONYMOUS, SIGNED_PURPOSES.subscriptions) },
      body: SIGNED_PURPOSES.subscriptions,
    });
    expect([response.status, (await response.json()) as unknown]).toMatchObject([
      400,
      { errors: [{ extensions: { code: 'BAD_REQUEST' } }] },
    ]);
  });

  test('closes on who subscribes without connection_init, waits too long for it, or sends what is no message', async () => {
    const early = await openRaw(graph.port);
    early.send({ id: '1', type: 'subscribe', payload: { query: 'subscription { mine { n } }' } });
    const late = await openRaw(graph.port);
    const strange = await openRaw(graph.port);
    strange.send('\u0000{');
    const large = await openRaw(graph.port);
    large.send({ type: 'connection_init', payload: { identity: 'x'.repeat(70_000) } });
    expect(await early.closed).toBe(4401);
    expect(await strange.closed).toBe(4400);
    expect(await large.closed).toBe(1009);
    expect(await late.closed).toBe(4408);
  });

  test('answers nothing but subscriptions, and those within limits', async () => {
    const raw = await graph.admitted();
    const ask = (id: string, query: string) => raw.send({ id, type: 'subscribe', payload: { query } });
    ask('q', '{ open }');
    ask('i', '{ __schema { types { name } } }');
    ask('p', 'subscription {');
    ask('v', 'subscription { nothing }');
    ask('t', `subscription { ${'mine { n } '.repeat(2_000)} }`);
    const codeOf = (id: string) => {
      const payload = raw.messages.find((message) => message.id === id && message.type === 'error')?.payload;
      return (payload as { extensions: { code: string } }[] | undefined)?.[0]?.extensions.code;
    };
    await eventually(async () =>
      expect(['q', 'i', 'p', 'v', 't'].map(codeOf)).toEqual([
        'SUBSCRIPTIONS_ONLY',
        'SUBSCRIPTIONS_ONLY',
        'GRAPHQL_PARSE_FAILED',
        'GRAPHQL_VALIDATION_FAILED',
        'GRAPHQL_PARSE_FAILED',
      ]),
    );
    for (let index = 0; index <= 100; index += 1) ask(`s${index}`, `subscription { counted(name: "s${index}") { n } }`);
    await eventually(async () => expect(codeOf('s100')).toBe('TOO_MANY_SUBSCRIPTIONS'));
    // A refusal needs no Redis, so it may overtake what the others are shown.
    await eventually(async () => expect(raw.messages.filter(({ type }) => type === 'next')).toHaveLength(100));
    raw.socket.close();
    await eventually(async () => expect(graph.live.open).toBe(0));
  });

  test('is at one path and speaks one protocol', async () => {
    expect((await openRaw(graph.port, 'graphql-transport-ws', '/other')).opened).toBe(false);
    expect(await (await openRaw(graph.port, 'graphql-ws')).closed).not.toBe(1000);
  });

  test('is not there where the graph has no subscriptions', async () => {
    const plain = await graph.start({
      typeDefs: typeDefs.replace(/type Subscription \{[^}]*\}/, ''),
      resolvers: { Query: { open: () => 'open' } },
    });
    expect((await openRaw(portOf(plain.http))).opened).toBe(false);
    plain.http.closeAllConnections();
    plain.http.close();
  });

  test('tells subscribers to come back when it drains, and lets nobody in', async () => {
    const leaving = await graph.start();
    const raw = await graph.admitted(portOf(leaving.http));
    raw.send({ id: '1', type: 'subscribe', payload: { query: 'subscription { counted(name: "d") { n } }' } });
    await eventually(async () => expect(graph.live.open).toBe(1));
    await leaving.drain();
    expect(await raw.closed).toBe(1012);
    await eventually(async () => expect(graph.live.open).toBe(0));
    expect((await openRaw(portOf(leaving.http))).opened).toBe(false);
    await new Promise((resolve) => leaving.http.close(resolve));
  });

  test('is where a subscription that was posted is sent to', async () => {
    const answer = await graph.router.ask('subscription { counted(name: "a") { n } }');
    expect(answer).toMatchObject({ result: null, errors: [{ extensions: { code: 'SUBSCRIPTIONS_NOT_SERVED' } }] });
  });
});
