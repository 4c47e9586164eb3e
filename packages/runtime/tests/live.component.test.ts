import { randomUUID } from 'node:crypto';
import { Fault } from '@ebuy/kernel';
import { eventually, testEngines, testNamespace, wireTo } from '@ebuy/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { createLogger, type Hint, type Live, openLive } from '../src/index.ts';

const namespace = testNamespace();
const logger = createLogger('things', 'silent');
const thing = () => ({ what: 'thing', id: randomUUID() });

let redis: Redis;
let live: Live;
let replica: Live;

const open = () => openLive({ redisUrl: testEngines().redis, namespace, subgraph: 'things', logger });
const channelsInRedis = async () => (await redis.pubsub('CHANNELS', `${namespace}live:*`)) as string[];
/** What a stream looked at: every hint as it came. */
const hintsOf = (of: Live, channels: Parameters<Live['watch']>[0]) =>
  of.watch<{ hint: Hint }>(channels, async (hint) => [{ hint }]);
const next = async (stream: AsyncIterator<{ hint: Hint }>) => (await stream.next()).value?.hint;

beforeAll(async () => {
  redis = new Redis(testEngines().redis);
  live = open();
  replica = open();
  await eventually(async () => {
    await Promise.all([live.check(), replica.check()]);
    await (await live.watch([thing()], async () => [])).return?.();
    await (await replica.watch([thing()], async () => [])).return?.();
  });
});
afterAll(async () => {
  await Promise.all([live.close(), replica.close()]);
  redis.disconnect();
});

describe('the live channel', () => {
  test('asks for a look at the beginning and after each hint, in every replica', async () => {
    const one = thing();
    const streams = await Promise.all([hintsOf(live, [one]), hintsOf(replica, [one])]);
    for (const stream of streams) expect(await next(stream)).toBeNull();
    await live.publish(one);
    for (const stream of streams) expect(await next(stream)).toBe(one.id);
    await Promise.all(streams.map((stream) => stream.return?.()));
  });

  test('hears only its own channels, and as a feed what was published there', async () => {
    const [mine, other] = [thing(), thing()];
    const stream = await hintsOf(live, [mine]);
    await next(stream);
    await replica.publish(other);
    await replica.publish(mine, 'an-id');
    expect(await next(stream)).toBe('an-id');
    await stream.return?.();
  });

  test('misses nothing that was published once watching began', async () => {
    for (let round = 0; round < 20; round += 1) {
      const one = thing();
      const stream = await hintsOf(live, [one]);
      await replica.publish(one);
      expect(await next(stream)).toBeNull();
      expect(await next(stream)).toBe(one.id);
      await stream.return?.();
    }
  });

  test('keeps what waits for a slow reader once an id, and beyond a thousand as "look at everything"', async () => {
    const feed = thing();
    const stream = await hintsOf(live, [feed]);
    await next(stream);
    for (let round = 0; round < 10; round += 1) for (const id of ['a', 'b']) await live.publish(feed, id);
    await live.publish(feed, 'last');
    await arrival();
    expect([await next(stream), await next(stream), await next(stream)]).toEqual(['a', 'b', 'last']);
    await Promise.all(Array.from({ length: 1_500 }, (_, index) => live.publish(feed, `id-${index}`)));
    await arrival();
    expect(await next(stream)).toBeNull();
    const later: Hint[] = [];
    while (later.at(-1) !== 'id-1499') later.push((await next(stream)) ?? null);
    expect(later.length).toBeLessThan(1_000);
    await stream.return?.();
  });

  test('lets go of Redis when a stream ends, while it waits, too', async () => {
    const one = thing();
    const [stays, goes] = await Promise.all([hintsOf(live, [one]), hintsOf(live, [one])]);
    await next(goes);
    const waiting = goes.next();
    await goes.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(await channelsInRedis()).toContain(`${namespace}live:things:thing:${one.id}`);
    await stays.return?.();
    await eventually(async () => expect(await channelsInRedis()).toEqual([]));
    expect(live.open).toBe(0);
  });

  test('ends, and lets go, when a look fails', async () => {
    const stream = await live.watch([thing()], async () => {
      throw new Error('the store is away');
    });
    await expect(stream.next()).rejects.toThrow('the store is away');
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    await eventually(async () => expect(await channelsInRedis()).toEqual([]));
  });

  test('looks again at everything when Redis has been away', async () => {
    const one = thing();
    const stream = await hintsOf(live, [one]);
    await next(stream);
    const again = next(stream);
    await killConnections();
    expect(await again).toBeNull();
    // It publishes over another connection, which comes back by itself as well.
    await eventually(() => live.check());
    await live.publish(one);
    expect(await next(stream)).toBe(one.id);
    await stream.return?.();
  });

  test('says that Redis is away, keeps what may wait, and sends it when it is back', async () => {
    const wire = await wireTo(testEngines().redis);
    await wire.cut();
    const away = openLive({ redisUrl: wire.url, namespace, subgraph: 'things', logger });
    const one = thing();
    const stream = await hintsOf(live, [one]);
    await next(stream);
    await expect(away.check()).rejects.toThrow();
    await expect(away.publish(one)).rejects.toThrow(Fault);
    await expect(away.watch([one], async () => [])).rejects.toThrow(Fault);
    for (const id of ['a', 'b', 'a']) await away.publishWhenBack(one, id);
    await wire.join();
    expect(await next(stream)).toBe('a');
    expect(await next(stream)).toBe('b');
    await away.check();
    await stream.return?.();
    await away.close();
    await wire.cut();
  });
});

/** Resolves once what `live` published before has come back to it: one connection each way keeps the order. */
async function arrival() {
  const marker = thing();
  const stream = await hintsOf(live, [marker]);
  await next(stream);
  await live.publish(marker);
  await next(stream);
  await stream.return?.();
}

/** Ends the connections of these channels as a failing Redis would. */
async function killConnections() {
  const list = String(await redis.client('LIST')).split('\n');
  const ids = list
    .filter((line) => line.includes(`name=${namespace}things.live`))
    .map((line) => /^id=(\d+)/.exec(line)?.[1]);
  expect(ids).toHaveLength(4);
  await Promise.all(ids.map((id) => redis.client('KILL', 'ID', String(id))));
}
