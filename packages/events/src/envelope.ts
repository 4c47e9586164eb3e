/**
 * The envelope of an event on the wire: CloudEvents 1.0 (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md)
 * in its JSON format, with two extension attributes: `correlationid`, which all events of one shopper's action share, and
 * `causationid`, the id of the event (or request) that led to this one.
 */
import { newId } from '@ebuy/kernel';
import { z } from 'zod';
import { type EventDefinition, type EventPayload, type EventType, eventDefinition } from './catalogue.ts';

export interface DomainEvent<Type extends EventType = EventType> {
  readonly id: string;
  readonly type: Type;
  /** `ebuy/<subgraph>`: the service that emitted it. */
  readonly source: string;
  /** The aggregate's id. */
  readonly subject: string;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly correlationId: string;
  readonly causationId: string | null;
  readonly payload: EventPayload<Type>;
}

/** What led to an event: handed from a request or from the event that is reacted to. */
export interface Trace {
  readonly correlationId: string;
  readonly causationId: string | null;
}

/** The trace of whatever an event leads to. */
export function causedBy(event: DomainEvent): Trace {
  return { correlationId: event.correlationId, causationId: event.id };
}

/** Makes an event. Throws a ZodError when the payload is not what the catalogue says: that is a bug of the emitter. */
export function newEvent<Type extends EventType>(
  type: Type,
  payload: EventPayload<Type>,
  trace: Trace,
  at: Date = new Date(),
): DomainEvent<Type> {
  const definition = eventDefinition(type) as EventDefinition<Type>;
  const checked = definition.schema.parse(payload);
  return {
    id: newId(),
    type,
    source: `ebuy/${definition.topic.owner}`,
    subject: definition.key(checked),
    time: at.toISOString(),
    correlationId: trace.correlationId,
    causationId: trace.causationId,
    payload: checked,
  };
}

const MAJOR = 1;
const dataSchema = (type: string) => `urn:ebuy:event:${type}:v${MAJOR}`;

export function encodeEvent(event: DomainEvent): string {
  return JSON.stringify({
    specversion: '1.0',
    id: event.id,
    source: event.source,
    type: event.type,
    subject: event.subject,
    time: event.time,
    datacontenttype: 'application/json',
    dataschema: dataSchema(event.type),
    correlationid: event.correlationId,
    ...(event.causationId === null ? {} : { causationid: event.causationId }),
    data: event.payload,
  });
}

const wire = z.object({
  specversion: z.literal('1.0'),
  id: z.uuid(),
  source: z.string().min(1).max(255),
  type: z.string().min(1).max(255),
  subject: z.string().min(1).max(255),
  time: z.iso.datetime(),
  dataschema: z.string().max(255),
  correlationid: z.string().min(1).max(255),
  causationid: z.string().min(1).max(255).optional(),
  data: z.unknown(),
});

/** Why a record could not be read as an event of ours. It never gets better by itself: such a record is poison. */
export class UnreadableEvent extends Error {
  override readonly name = 'UnreadableEvent';
  readonly code: 'MALFORMED' | 'UNKNOWN_TYPE' | 'NEWER_VERSION' | 'INVALID_PAYLOAD';

  constructor(code: UnreadableEvent['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** Reads a record's value. Unknown attributes and fields are passed over: schemas grow. Throws {@link UnreadableEvent}. */
export function decodeEvent(text: string): DomainEvent {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new UnreadableEvent('MALFORMED', 'The record is not JSON.');
  }
  const envelope = wire.safeParse(json);
  if (!envelope.success) {
    throw new UnreadableEvent('MALFORMED', `Not a CloudEvent of ours: ${z.prettifyError(envelope.error)}`);
  }
  const { type, dataschema, data, ...rest } = envelope.data;
  const definition = eventDefinition(type);
  if (!definition) throw new UnreadableEvent('UNKNOWN_TYPE', `No event of type ${type} in the catalogue.`);
  if (dataschema !== dataSchema(type)) {
    throw new UnreadableEvent('NEWER_VERSION', `${dataschema} is not ${dataSchema(type)}, which this version knows.`);
  }
  const payload = definition.schema.safeParse(data);
  if (!payload.success) throw new UnreadableEvent('INVALID_PAYLOAD', `${type}: ${z.prettifyError(payload.error)}`);
  return {
    id: rest.id,
    type: definition.type,
    source: rest.source,
    subject: rest.subject,
    time: rest.time,
    correlationId: rest.correlationid,
    causationId: rest.causationid ?? null,
    payload: payload.data,
  };
}
