import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { newId } from '@ebuy/kernel';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { EachBatchPayload, Producer } from 'kafkajs';
import { encodeEvent, newEvent } from '../src/envelope.ts';
import { FAILPOINT_CHANNEL } from '../src/failpoint.ts';
import { CONSUMER_GROUPS, claimEvent } from '../src/index.ts';
import type { Reaction } from '../src/kafka/reaction.ts';
import { Worker } from '../src/kafka/worker.ts';

const trace = { correlationId: 'test', causationId: null };
const emptied = newEvent('cart.emptied', { cartId: newId(), orderId: newId(), version: 2 }, trace);
const changed = newEvent('cart.changed', { cartId: newId(), version: 1 }, trace);
const quiet = () => undefined;
const kafka = {
  brokers: [],
  clientId: 'test',
  namespace: '',
  logger: { debug: quiet, info: quiet, warn: quiet, error: quiet },
};

let story: unknown[];
const tell = (event: unknown) => story.push(event);

beforeEach(() => {
  story = [];
  subscribe(FAILPOINT_CHANNEL, tell);
});
afterEach(() => {
  unsubscribe(FAILPOINT_CHANNEL, tell);
});

/** Has a worker go through these records; what it tells Kafka becomes part of the story. */
async function work(reaction: Partial<Reaction>, values: readonly string[]): Promise<void> {
  const graveyard = { send: async () => tell('buried') } as unknown as Producer;
  const worker = new Worker({ group: CONSUMER_GROUPS.noteEmptiedCarts, on: {}, ...reaction }, { kafka }, graveyard);
  const messages = values.map((value, index) => ({ value: Buffer.from(value), offset: String(index), headers: {} }));
  await worker.work({
    batch: { topic: 'carts', partition: 0, messages },
    resolveOffset: (offset: string) => tell(`resolved ${offset}`),
    heartbeat: async () => undefined,
    isRunning: () => true,
    isStale: () => false,
  } as unknown as EachBatchPayload);
}

test('an event is applied, then the point is passed, then its offset is given back; one of another kind passes none', async () => {
  const on = { 'cart.emptied': async () => void tell('applied') };
  await work({ on }, [encodeEvent(emptied), encodeEvent(changed)]);
  expect(story).toEqual(['applied', 'consumer-before-offset', 'resolved 0', 'resolved 1']);
});

test('so it is for many at once, and for what is put aside', async () => {
  const on = { 'cart.emptied': async () => undefined };
  await work({ on, onBatch: async () => void tell('applied') }, [encodeEvent(emptied), encodeEvent(emptied)]);
  const point = 'consumer-before-offset';
  expect(story).toEqual(['applied', point, 'resolved 0', point, 'resolved 1']);
  story = [];
  await work({ on }, ['not an event']);
  expect(story).toEqual(['buried', point, 'resolved 0']);
});

test('an event that is claimed for the first time passes between claim and effect', async () => {
  const inserting = (rows: number) => ({
    $executeRawUnsafe: async () => rows,
    $queryRawUnsafe: async () => [] as never,
  });
  expect(await claimEvent(inserting(0), 'test', emptied)).toBe(false);
  expect(story).toEqual([]);
  expect(await claimEvent(inserting(1), 'test', emptied)).toBe(true);
  expect(story).toEqual(['inbox-between-claim-and-effect']);
});

test('what Kafka did not take after a batch is offered again, by the way of the newest batch', async () => {
  const worker = new Worker({ group: CONSUMER_GROUPS.noteEmptiedCarts, on: {} }, { kafka }, {} as Producer);
  await worker.commitWhatIsLeft();
  for (const name of ['older', 'newer']) {
    await worker.work({
      batch: { topic: 'carts', partition: 0, messages: [] },
      commitOffsetsIfNecessary: async () => tell(name),
    } as unknown as EachBatchPayload);
  }
  await worker.commitWhatIsLeft();
  await worker.commitWhatIsLeft();
  expect(story).toEqual(['newer', 'newer']);
});
