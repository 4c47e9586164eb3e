/**
 * The outbox: events are rows in the transaction that made them true. Never write-then-publish.
 *
 * Table (in every PostgreSQL subgraph's first migration):
 *   outbox(id uuid primary key, position bigserial, topic text, key text, value text, created_at, published_at)
 *   with a partial index over unpublished rows and a statement trigger that notifies the channel `outbox`.
 */
import { eventDefinition } from '../catalogue.ts';
import { type DomainEvent, encodeEvent } from '../envelope.ts';
import type { SqlTransaction } from './transaction.ts';

/** Events as the columns of the outbox, for a statement that writes them beside their effect: `unnest` makes them rows again. */
export function outboxColumns(events: readonly DomainEvent[]) {
  return {
    ids: events.map((event) => event.id),
    topics: events.map((event) => eventDefinition(event.type)?.topic.name),
    keys: events.map((event) => event.subject),
    values: events.map(encodeEvent),
  };
}

/** Writes events within the caller's transaction, in the given order. At most a few hundred a call. */
export async function appendEvents(tx: SqlTransaction, events: readonly DomainEvent[]): Promise<void> {
  if (events.length === 0) return;
  const { ids, topics, keys, values } = outboxColumns(events);
  await tx.$executeRawUnsafe(
    `INSERT INTO outbox (id, topic, key, value)
     SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[])`,
    ids,
    topics,
    keys,
    values,
  );
}
