/** What is kept of the events of an order's story, and how its own events leave. */
import { committing, type DomainEvent, outboxColumns } from '@ebuy/events';
import type { Announced } from '../domain/status-table.ts';
import { type Facts, MAX_TOLD, type StoryEvent, type ToldType, toStoryEvent } from '../domain/story.ts';
import { Prisma } from '../generated/prisma/client.ts';
import type { Store, Transaction } from './index.ts';

/** Writes events of an order to the outbox and to its story. */
export async function appendAnnounced(
  tx: Transaction,
  orderId: string,
  events: readonly DomainEvent<Announced>[],
): Promise<void> {
  await tx.$executeRaw`
    WITH sent AS (INSERT INTO outbox (id, topic, key, value) SELECT event.* FROM ${outboxRows(events)} RETURNING id)
    ${insertStory(orderId, events.map(toStoryEvent), Prisma.sql`(SELECT FROM sent LIMIT 1) AS any_sent`)}`;
}

/**
 * Notes events that belong to orders' stories and move none: once each, however often they come, and of an order that is not here not at all.
 * Captures and refunds may repeat without end: beyond its bound a story keeps no more.
 */
export async function noteEvents(
  store: Store,
  events: readonly { readonly orderId: string; readonly event: DomainEvent<ToldType> }[],
): Promise<void> {
  const rows = events.map(({ orderId, event }) => ({ order_id: orderId, ...toRow(toStoryEvent(event)) }));
  await committing(
    () => store.$executeRaw`
    INSERT INTO order_story (order_id, event_id, type, at, causation_id, facts)
    SELECT told.* FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      AS told(order_id uuid, event_id uuid, type text, at timestamptz, causation_id text, facts jsonb)
    JOIN orders ON orders.id = told.order_id
    WHERE (SELECT count(*) FROM order_story kept WHERE kept.order_id = told.order_id) <= ${MAX_TOLD}
    ON CONFLICT DO NOTHING`,
  );
}

/** Each order's story as it was kept, in no order. */
export async function findStories(store: Store, orderIds: readonly string[]): Promise<StoryEvent[][]> {
  const rows = await store.orderStory.findMany({ where: { orderId: { in: [...orderIds] } } });
  const byOrder = Map.groupBy(rows, (row) => row.orderId);
  return orderIds.map((id) =>
    (byOrder.get(id) ?? []).map(({ eventId, type, at, causationId, facts }) => ({
      eventId,
      type,
      at,
      causationId,
      facts: facts as Facts,
    })),
  );
}

/** An insert for a larger statement: only if `condition`, a table or CTE of at most one row, has its row. Moves are few by the status table. */
export function insertStory(orderId: string, events: readonly StoryEvent[], condition: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`
    INSERT INTO order_story (order_id, event_id, type, at, causation_id, facts)
    SELECT ${orderId}::uuid, told.* FROM ${condition}, jsonb_to_recordset(${JSON.stringify(events.map(toRow))}::jsonb)
      AS told(event_id uuid, type text, at timestamptz, causation_id text, facts jsonb)
    ON CONFLICT DO NOTHING`;
}

export function outboxRows(events: readonly DomainEvent[]): Prisma.Sql {
  const { ids, topics, keys, values } = outboxColumns(events);
  return Prisma.sql`unnest(${ids}::uuid[], ${topics}::text[], ${keys}::text[], ${values}::text[]) AS event(id, topic, key, value)`;
}

function toRow({ eventId, type, at, causationId, facts }: StoryEvent) {
  return { event_id: eventId, type, at, causation_id: causationId, facts };
}
