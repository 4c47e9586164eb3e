/**
 * The outbox of a MongoDB subgraph: events wait inside the document whose change made them true, put there by the same atomic
 * write. Never write-then-publish, and no transaction over two documents.
 *
 * - `pendingEvents`: the events not yet in Kafka, oldest first. Only ever pushed to at the end; only the relay takes from it.
 * - `pendingSince`: since when, absent while none waits. Every collection with events has a sparse index over it: that is how the relay
 *   finds them.
 *
 * A document with pending events must not be deleted. Deletes are tombstones first: a change of status with its event.
 */
import { eventDefinition } from '../catalogue.ts';
import { type DomainEvent, encodeEvent } from '../envelope.ts';

/** An event as it waits: ready to be sent. */
export interface PendingEvent {
  readonly id: string;
  /** Without the namespace. */
  readonly topic: string;
  /** The aggregate's id. */
  readonly key: string;
  /** The encoded CloudEvent. */
  readonly value: string;
}

/** What the relay needs of a document. */
export interface PendingDocument {
  readonly _id: string;
  pendingEvents?: PendingEvent[];
  pendingSince?: Date;
}

/**
 * Most events that may wait in one document. Beyond it a change is not taken ({@link roomForPendingEvents}): Kafka has been away for
 * that many changes of one aggregate, and a document has a size limit (16 MB).
 */
export const MAX_PENDING_EVENTS = 200;

export function pendingEventsOf(events: readonly DomainEvent[]): PendingEvent[] {
  return events.map((event) => {
    const topic = eventDefinition(event.type)?.topic.name;
    if (topic === undefined) throw new Error(`No topic for ${event.type}`);
    return { id: event.id, topic, key: event.subject, value: encodeEvent(event) };
  });
}

/** The fields of a document that is inserted with events. */
export function withPendingEvents(events: readonly DomainEvent[], at: Date): Omit<PendingDocument, '_id'> {
  return events.length === 0 ? { pendingEvents: [] } : { pendingEvents: pendingEventsOf(events), pendingSince: at };
}

/** Update operators to merge with those of the change itself, so that both are one write. An older `pendingSince` stays. */
export function pushPendingEvents(events: readonly DomainEvent[], at: Date) {
  if (events.length === 0) return {};
  return { $push: { pendingEvents: { $each: pendingEventsOf(events) } }, $min: { pendingSince: at } };
}

/** To merge with the filter of a change that pushes events: no match while too many wait. */
export function roomForPendingEvents(): Record<string, unknown> {
  return { [`pendingEvents.${MAX_PENDING_EVENTS - 1}`]: { $exists: false } };
}
