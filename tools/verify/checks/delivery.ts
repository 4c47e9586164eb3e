// I9: between the services. What outboxes say they sent is in Kafka, every group has read to the end, nothing was put aside.
import { CONSUMER_GROUPS, readLags, TOPICS } from '@ebuy/events';
import { readTopics, type TopicsRead } from '../books/topic-log.ts';
import type { Check, Violation } from '../contract.ts';
import type { Stores } from '../stores.ts';

/** Saga topics with an outbox behind them: each event in it is in the topic. (A compacted topic keeps the newest alone.) */
const SENT_BY = [
  { aggregate: 'order', service: 'orders' },
  { aggregate: 'reservation', service: 'products' },
  { aggregate: 'payment', service: 'payments' },
] as const;

export function outboxesAndTopicsAgree(stores: Stores): Check {
  return {
    invariant: 'I9',
    claim: 'what an outbox says was sent is in its topic, and what is in the topic was committed',
    counted: 'events',
    run: async (look) => {
      const topics = await look.at(readTopics, stores);
      const found = await Promise.all(SENT_BY.map((one) => compareSent(stores, topics, one)));
      const compared = SENT_BY.reduce((sum, { aggregate }) => sum + (topics.events.get(aggregate)?.length ?? 0), 0);
      return { compared, violations: found.flat() };
    },
  };
}

/** Saga topics keep 30 days, outboxes 31. */
const DIFFERENCE = `
  WITH sent AS (SELECT unnest($1::uuid[]) AS id)
  SELECT id, key, true AS committed FROM outbox
   WHERE topic = $2 AND published_at IS NOT NULL AND created_at > now() - interval '29 days' AND NOT EXISTS (SELECT FROM sent WHERE sent.id = outbox.id)
  UNION ALL
  SELECT id, '', false FROM sent WHERE NOT EXISTS (SELECT FROM outbox WHERE outbox.id = sent.id)`;

async function compareSent(
  stores: Stores,
  { events }: TopicsRead,
  { aggregate, service }: (typeof SENT_BY)[number],
): Promise<Violation[]> {
  const sent = events.get(aggregate) ?? [];
  const { rows } = await stores[service].query<{ id: string; key: string; committed: boolean }>(DIFFERENCE, [
    sent.map(({ id }) => id),
    TOPICS[aggregate].name,
  ]);
  const orderOf = new Map(sent.map(({ id, data }) => [id, data.orderId]));
  return rows.map(({ id, key, committed }) => ({
    where: committed
      ? `${aggregate} ${key} in the ${aggregate} topic`
      : `order ${orderOf.get(id)} in the ${aggregate} topic`,
    field: `event ${id}`,
    expected: committed
      ? `to be there: the outbox of ${service} says it was sent`
      : `a row in the outbox of ${service}`,
    found: null,
  }));
}

export function groupsHaveReadAll(stores: Stores): Check {
  const groups = Object.values(CONSUMER_GROUPS);
  return {
    invariant: 'I9',
    claim: 'every consumer group has read its topic to the end',
    counted: 'groups',
    run: async () => {
      const lags = await readLags(stores.kafka, groups);
      const violations = lags.flatMap(({ group, partition, committed, low, high }) => {
        // What Kafka has let go of, or never had, is nothing to read.
        const next = Math.max(committed ?? low, low);
        if (next >= high) return [];
        const where = `${group.subgraph}.${group.reaction} on ${group.topic.name}/${partition}`;
        return [{ where, field: 'offset', expected: high, found: committed ?? 'none committed' }];
      });
      return { compared: groups.length, violations };
    },
  };
}

export function nothingWasPutAside(stores: Stores): Check {
  return {
    invariant: 'I9',
    claim: 'there are no dead letters, and every record of our topics can be read',
    counted: 'groups',
    run: async (look) => {
      const { letters, unreadable } = await look.at(readTopics, stores);
      const violations = letters.map(({ group, offset, key, code, reason }): Violation => {
        const name = `${group.subgraph}.${group.reaction}`;
        const found = `${code} ${reason.split('\n')[0]} (npm run dead-letters -- explain ${name} ${offset})`;
        return { where: `dead letters of ${name}`, field: `#${offset} ${key ?? ''}`, expected: 'none', found };
      });
      const odd = unreadable.map((place) => ({
        where: place,
        field: '',
        expected: 'an event',
        found: 'something else',
      }));
      return { compared: Object.keys(CONSUMER_GROUPS).length, violations: [...violations, ...odd] };
    },
  };
}
