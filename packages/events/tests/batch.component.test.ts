import { Fault, newId } from '@ebuy/kernel';
import { eventually, openTestKafka, type TestKafka } from '@ebuy/testing';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  CONSUMER_GROUPS,
  type DomainEvent,
  hasReadBefore,
  listDeadLetters,
  newEvent,
  type Reaction,
  type RunningConsumer,
  readTopic,
  replayDeadLetters,
  runReaction,
  TOPICS,
} from '../src/index.ts';
import { MAX_EVENTS_AT_ONCE } from '../src/kafka/reaction.ts';

const group = CONSUMER_GROUPS.settlePayments;
const shipped = (orderId: string) =>
  newEvent('order.shipped', { orderId }, { correlationId: 'test', causationId: null });

/** A store that takes many at once, each id once, and refuses all of them when it is told to fail. */
class Store {
  readonly applied: string[] = [];
  readonly calls: number[] = [];
  alone = 0;
  refuse: (event: DomainEvent) => Error | null = () => null;

  take(events: readonly DomainEvent[]): void {
    for (const event of events) {
      const error = this.refuse(event);
      if (error) throw error;
    }
    for (const { id } of events) if (!this.applied.includes(id)) this.applied.push(id);
  }

  reaction(): Reaction {
    return {
      group,
      on: {
        'order.shipped': async (event) => {
          this.alone += 1;
          this.take([event]);
        },
      },
      onBatch: async (events) => {
        this.calls.push(events.length);
        this.take(events);
      },
    };
  }
}

let kafka: TestKafka;
let store: Store;
let running: RunningConsumer[];

beforeEach(async () => {
  kafka = await openTestKafka();
  store = new Store();
  running = [];
});
afterEach(async () => {
  await Promise.all(running.map((consumer) => consumer.stop()));
  await kafka.close();
});

const run = async () => {
  running.push(await runReaction(store.reaction(), { kafka: kafka.settings }));
};
const ids = (events: readonly DomainEvent[]) => events.map(({ id }) => id);

describe('a reaction that takes many at once', () => {
  test('gets what waits together and in order, no more than the limit, and only what it has a handler for', async () => {
    const orderId = newId();
    const events = Array.from({ length: MAX_EVENTS_AT_ONCE + 50 }, () => shipped(orderId));
    const foreign = newEvent('order.delivered', { orderId }, { correlationId: 'test', causationId: null });
    await kafka.publish([foreign, ...events]);
    await run();
    await eventually(() => expect(store.applied).toEqual(ids(events)));
    expect(Math.max(...store.calls)).toBeLessThanOrEqual(MAX_EVENTS_AT_ONCE);
    expect(store.calls.length + store.alone).toBeLessThan(50);
    // The offset is committed once all are applied, and so a moment later.
    await eventually(async () => expect(await hasReadBefore(kafka.settings, group)).toBe(true));
  });

  test('waits out what passes by itself, all together again', async () => {
    let down = 3;
    store.refuse = () => (down-- > 0 ? new Fault('the store is away', { retryable: true }) : null);
    const orderId = newId();
    const events = Array.from({ length: 20 }, () => shipped(orderId));
    await kafka.publish(events);
    await run();
    await eventually(() => expect(store.applied).toEqual(ids(events)));
    expect(await listDeadLetters(kafka.settings, group)).toEqual([]);
  });

  test('puts the poison among them aside, alone, and applies what stands beside it', async () => {
    const orderId = newId();
    const events = Array.from({ length: 12 }, () => shipped(orderId));
    const poison = events[5] as DomainEvent;
    let broken = true;
    store.refuse = (event) => (broken && event.id === poison.id ? new TypeError('a bug') : null);
    await kafka.publish(events.slice(0, 3));
    await kafka.publishRaw(TOPICS.order, orderId, 'not an event');
    await kafka.publish(events.slice(3));
    await run();
    const sound = ids(events).filter((id) => id !== poison.id);
    await eventually(() => expect(store.applied).toEqual(sound));
    const letters = await eventually(async () => {
      const found = await listDeadLetters(kafka.settings, group);
      expect(found.map(({ code }) => code).sort()).toEqual(['MALFORMED', 'REACTION_FAILED']);
      return found;
    });
    broken = false;
    await replayDeadLetters(
      kafka.settings,
      letters.filter(({ code }) => code === 'REACTION_FAILED'),
    );
    await eventually(() => expect(store.applied).toEqual([...sound, poison.id]));
  });
});

describe('reading a topic from its beginning', () => {
  test('gives all that is there, in order, beside the groups, and passes over what cannot be read', async () => {
    const orders = [newId(), newId(), newId()];
    const events = Array.from({ length: 60 }, (_, index) => shipped(orders[index % 3] as string));
    await kafka.publish(events.slice(0, 30));
    await kafka.publishRaw(TOPICS.order, newId(), 'not an event');
    await kafka.publish(events.slice(30));
    const seen: DomainEvent[] = [];
    const read = () => readTopic(kafka.settings, TOPICS.order, async (some) => void seen.push(...some));
    expect(await read()).toEqual({ events: 60, unreadable: 1 });
    for (const orderId of orders) {
      const of = (list: readonly DomainEvent[]) => ids(list.filter(({ subject }) => subject === orderId));
      expect(of(seen)).toEqual(of(events));
    }
    expect(await hasReadBefore(kafka.settings, group)).toBe(false);
  });

  test('is done at once with an empty topic, and fails with what cannot apply', async () => {
    expect(await readTopic(kafka.settings, TOPICS.order, async () => undefined)).toEqual({ events: 0, unreadable: 0 });
    await kafka.publish([shipped(newId())]);
    const failing = readTopic(kafka.settings, TOPICS.order, async () => {
      throw new Error('the store is away');
    });
    await expect(failing).rejects.toThrow('the store is away');
  });
});
