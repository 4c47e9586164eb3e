/** An order's story: the events of every service that belong to it, each behind the one that caused it. */
import { type DomainEvent, type EventPayload, type EventType, eventDefinition } from '@ebuy/events';
import { formatMoney, type Money } from '@ebuy/kernel';

/** How many events a story tells; one more line says that there were others. */
export const MAX_TOLD = 500;

/** The little of an event that its sentence needs. Nothing of a person. */
export interface Facts {
  readonly amount?: Money;
  readonly refundedTotal?: Money;
  readonly lines?: number;
  readonly reason?: string;
  readonly code?: string;
  readonly willRetry?: boolean;
}

export interface StoryEvent {
  readonly eventId: string;
  readonly type: string;
  readonly at: Date;
  readonly causationId: string | null;
  readonly facts: Facts;
}

/** What is told of an event. */
export interface StoryLine {
  readonly at: string;
  readonly subgraph: string;
  readonly type: string;
  readonly summary: string;
  readonly eventId: string;
  readonly causationId: string | null;
}

/** For each type that belongs to a story: what is kept of it, and its sentence. */
const CHAPTERS = {
  'order.placed': [
    ({ total, lines }) => ({ amount: total, lines: lines.length }),
    ({ lines, amount }) => `Placed: ${counted(lines, 'line')}${inAll(amount)}`,
  ],
  'order.paymentRequested': [({ amount }) => ({ amount }), ({ amount }) => `Payment requested${ofMoney(amount)}`],
  'order.confirmed': [({ total }) => ({ amount: total }), () => 'Confirmed: reserved and authorized'],
  'order.cancelled': [
    ({ reason }) => ({ reason }),
    ({ reason }) => `Cancelled: ${CANCELLED[reason ?? ''] ?? 'for another reason'}`,
  ],
  'order.shipped': [() => ({}), () => 'Handed to the carrier'],
  'order.delivered': [() => ({}), () => 'Delivered'],
  'reservation.made': [({ lines }) => ({ lines: lines.length }), ({ lines }) => `Reserved ${counted(lines, 'line')}`],
  'reservation.refused': [
    ({ shortages }) => ({ lines: shortages.length }),
    ({ lines }) => `Not reserved: ${counted(lines, 'line')} out of stock`,
  ],
  'reservation.consumed': [
    ({ lines }) => ({ lines: lines.length }),
    ({ lines }) => `Taken out of stock: ${counted(lines, 'line')}`,
  ],
  'reservation.released': [
    ({ lines }) => ({ lines: lines.length }),
    ({ lines }) => `Given back to stock: ${counted(lines, 'line')}`,
  ],
  'payment.authorized': [({ amount }) => ({ amount }), ({ amount }) => `Payment authorized${ofMoney(amount)}`],
  'payment.declined': [({ failure }) => ({ code: failure.code }), ({ code }) => `Payment declined${because(code)}`],
  'payment.actionRequired': [() => ({}), () => 'Payment waits for a second step by the shopper'],
  'payment.captured': [({ amount }) => ({ amount }), ({ amount }) => `Payment captured${ofMoney(amount)}`],
  'payment.captureFailed': [
    ({ failure, willRetry }) => ({ code: failure.code, willRetry }),
    ({ code, willRetry }) =>
      `Capture failed${because(code)}; ${willRetry ? 'it is tried again' : 'it needs a decision'}`,
  ],
  'payment.voided': [({ amount }) => ({ amount }), ({ amount }) => `Authorization given up${ofMoney(amount)}`],
  'payment.refunded': [
    ({ amount, refundedTotal }) => ({ amount, refundedTotal }),
    ({ amount, refundedTotal }) => `Refunded${ofMoney(amount)}${inAll(refundedTotal)}`,
  ],
  'cart.changed': [() => ({}), () => 'What was ordered taken out of the cart'],
  'cart.emptied': [() => ({}), () => 'Cart emptied of what was ordered'],
  'purchase.recorded': [
    ({ productIds }) => ({ lines: productIds.length }),
    ({ lines }) => `May be reviewed: ${counted(lines, 'product')}`,
  ],
} as const satisfies { readonly [Type in EventType]?: Chapter<Type> };

type Chapter<Type extends EventType> = readonly [
  keep: (payload: EventPayload<Type>) => Facts,
  tell: (facts: Facts) => string,
];

export type ToldType = keyof typeof CHAPTERS;

const CANCELLED: Readonly<Record<string, string>> = {
  OUT_OF_STOCK: 'out of stock',
  PAYMENT_NOT_COMPLETED: 'not paid in time',
  STOCK_NOT_CONFIRMED: 'the stock was not confirmed in time',
  REQUESTED_BY_SHOPPER: 'the shopper asked for it',
  REQUESTED_BY_STAFF: 'staff asked for it',
};

export function toStoryEvent({ id, type, time, causationId, payload }: DomainEvent<ToldType>): StoryEvent {
  const [keep] = CHAPTERS[type] as unknown as readonly [keep: (payload: object) => Facts];
  return { eventId: id, type, at: new Date(time), causationId, facts: keep(payload) };
}

/** The story as it is told: in causal order, and no longer than {@link MAX_TOLD} lines and the one that says that more happened. */
export function tellStory(events: readonly StoryEvent[]): StoryLine[] {
  const ordered = inCausalOrder(events);
  return ordered.slice(0, MAX_TOLD + 1).map((event, index) => {
    const line = toLine(event);
    return index < MAX_TOLD ? line : { ...line, summary: `${line.summary}. More happened than is told here.` };
  });
}

function toLine({ eventId, type, at, causationId, facts }: StoryEvent): StoryLine {
  const chapter = (CHAPTERS as Readonly<Record<string, readonly [unknown, (facts: Facts) => string]>>)[type];
  return {
    at: at.toISOString(),
    subgraph: eventDefinition(type)?.topic.owner ?? 'unknown',
    type,
    summary: chapter?.[1](facts) ?? type,
    eventId,
    causationId,
  };
}

/**
 * Causes before effects, else by time, then by id: the same for every order of arrival. An event whose cause is not among them stands at
 * its time. Causes that go in a circle, which no sound service makes, are cut at the earliest of the circle.
 */
export function inCausalOrder(events: readonly StoryEvent[]): StoryEvent[] {
  const waiting = new Map([...events].sort(byTime).map((event) => [event.eventId, event]));
  const ordered: StoryEvent[] = [];
  while (waiting.size > 0) {
    const next = [...waiting.values()].find((event) => causeOf(event, waiting) === undefined) ?? cut(waiting);
    waiting.delete(next.eventId);
    ordered.push(next);
  }
  return ordered;
}

/** What must be told before it and was not yet. */
function causeOf(
  { eventId, causationId }: StoryEvent,
  waiting: ReadonlyMap<string, StoryEvent>,
): StoryEvent | undefined {
  return causationId === null || causationId === eventId ? undefined : waiting.get(causationId);
}

/** Everything that waits has a cause that waits: whichever one follows back ends in a circle. */
function cut(waiting: ReadonlyMap<string, StoryEvent>): StoryEvent {
  const [first] = waiting.values();
  if (first === undefined) throw new Error('nothing waits');
  const passed = new Set<StoryEvent>();
  let event = first;
  while (!passed.has(event)) {
    passed.add(event);
    event = causeOf(event, waiting) ?? event;
  }
  const circle = [...passed];
  return circle.slice(circle.indexOf(event)).sort(byTime)[0] ?? event;
}

function byTime(a: StoryEvent, b: StoryEvent): number {
  return a.at.getTime() - b.at.getTime() || (a.eventId < b.eventId ? -1 : 1);
}

function counted(count: number | undefined, what: string): string {
  return `${count ?? 0} ${what}${count === 1 ? '' : 's'}`;
}

function ofMoney(amount: Money | undefined): string {
  return amount === undefined ? '' : `: ${formatMoney(amount)}`;
}

function inAll(amount: Money | undefined): string {
  return amount === undefined ? '' : `, ${formatMoney(amount)} in all`;
}

function because(code: string | undefined): string {
  return code === undefined ? '' : `: ${code}`;
}
