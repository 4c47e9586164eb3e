import { eventually, shopper, staff } from '@ebuy/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { channel, type LiveGraph, openLiveGraph } from './live-graph.fixture.ts';

let graph: LiveGraph;
beforeAll(async () => {
  graph = await openLiveGraph();
});
afterAll(() => graph?.close());

/** What a subscription that cannot begin or go on says: in a payload of its own, or instead of one. */
const firstError = async (stream: AsyncIterator<{ errors?: readonly unknown[] | undefined }>) =>
  stream.next().then(
    ({ value }) => value?.errors?.[0] as unknown,
    (errors: readonly unknown[]) => errors[0],
  );

describe('a subscription', () => {
  test('shows what is now, then each change, in a context of its own', async () => {
    graph.counts.set('a', 1);
    const stream = graph.router.subscribe<{ counted: { n: number; made: number } }>(
      'subscription { counted(name: "a") { n made again: made } }',
    );
    const first = (await stream.next()).value?.data?.counted;
    expect(first).toMatchObject({ n: 1 });
    graph.counts.set('a', 2);
    await graph.live.publish(channel('a'));
    const second = (await stream.next()).value?.data?.counted;
    expect(second?.n).toBe(2);
    expect(second?.made).toBe((first?.made ?? 0) + 1);
    await stream.return?.();
  });

  test('is guarded as a query is: at its beginning, and each field of its events', async () => {
    for (const name of ['mine', 'secret']) {
      const refused = await firstError(graph.router.subscribe(`subscription { ${name} { __typename } }`));
      expect(refused).toMatchObject({ extensions: { code: 'UNAUTHENTICATED' } });
    }
    // Also what the test before this one let go of.
    await eventually(async () => expect(graph.live.open).toBe(0));
    const forbidden = await firstError(graph.router.subscribe('subscription { secret { word } }', {}, shopper('u')));
    expect(forbidden).toMatchObject({ extensions: { code: 'FORBIDDEN' } });
    const mine = graph.router.subscribe('subscription { mine { n guarded } }', {}, shopper('u'));
    expect((await mine.next()).value).toMatchObject({
      data: { mine: { n: 0, guarded: null } },
      errors: [{ path: ['mine', 'guarded'], extensions: { code: 'FORBIDDEN' } }],
    });
    await mine.return?.();
    const admin = graph.router.subscribe('subscription { mine { guarded } }', {}, staff(['admin']));
    expect((await admin.next()).value).toEqual({ data: { mine: { guarded: 'guarded' } } });
    await admin.return?.();
  });

  test('says refusals plainly and masks the rest, at its beginning, in an event and when it breaks off', async () => {
    expect(await firstError(graph.router.subscribe('subscription { refused { n } }'))).toMatchObject({
      message: 'No such thing.',
      extensions: { code: 'NOT_FOUND' },
    });
    const faulty = await firstError(graph.router.subscribe('subscription { faulty { n } }'));
    expect(faulty).toMatchObject({ extensions: { code: 'SERVICE_UNAVAILABLE', correlationId: expect.any(String) } });
    const buggy = graph.router.subscribe('subscription { counted(name: "b") { n buggy } }');
    const event = (await buggy.next()).value;
    expect(event).toMatchObject({
      data: { counted: { buggy: null } },
      errors: [{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }],
    });
    await buggy.return?.();
    const breaking = graph.router.subscribe('subscription { breaking { n } }');
    await breaking.next();
    const broken = firstError(breaking);
    await graph.live.publish(channel('breaking'));
    expect(await broken).toMatchObject({
      extensions: { code: 'INTERNAL_SERVER_ERROR', correlationId: expect.any(String) },
    });
    expect(JSON.stringify([faulty, event, await broken])).not.toMatch(/10\.0\.0\.7|secret detail|TypeError/);
    await eventually(async () => expect(graph.live.open).toBe(0));
  });

  test('lets go of its channel when it is completed and when its connection is gone', async () => {
    const raw = await graph.admitted();
    for (const id of ['1', '2'])
      raw.send({ id, type: 'subscribe', payload: { query: 'subscription { counted(name: "c") { n } }' } });
    await eventually(async () => expect(raw.messages.filter(({ type }) => type === 'next')).toHaveLength(2));
    expect(graph.live.open).toBe(2);
    expect(await graph.metrics.metrics()).toMatch(/ebuy_graph_subscriptions\{[^}]*\} 2/);
    raw.send({ id: '1', type: 'complete' });
    await eventually(async () => expect(graph.live.open).toBe(1));
    raw.socket.close();
    await eventually(async () => expect(graph.live.open).toBe(0));
    await eventually(async () => expect(await graph.metrics.metrics()).toMatch(/ebuy_graph_subscriptions\{[^}]*\} 0/));
  });
});
