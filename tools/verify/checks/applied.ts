// I9: what was told was heard. Each event that a consumer group acts on has left its mark in the group's store.
import { CONSUMER_GROUPS, type ConsumerGroup } from '@ebuy/events';
import type pg from 'pg';
import { readReservations } from '../books/stock.ts';
import { readTopics, type SentEvent, type TopicsRead } from '../books/topic-log.ts';
import type { Check, Violation } from '../contract.ts';
import type { Look } from '../look.ts';
import type { Stores } from '../stores.ts';
import { type CartRow, judgeCarts } from './carts.ts';
import { unheard } from './unheard.ts';

const DAY_MS = 86_400_000;
/** Marks are kept 31 days, events 30. */
const JUDGED_MS = 29 * DAY_MS;

type Mark = { readonly in: 'orders' | 'payments'; readonly by: 'inbox' | 'story' };
type Rule = { readonly group: ConsumerGroup; readonly mark: Mark; readonly types: readonly string[] };

const { settlePayments, followReservations, followPayments, noteEmptiedCarts, notePurchases } = CONSUMER_GROUPS;
const INBOX_OF_ORDERS: Mark = { in: 'orders', by: 'inbox' };
const STORY: Mark = { in: 'orders', by: 'story' };

/** What moves something is marked by a row of the inbox, what is only told by a line of the order's story. */
const RULES: readonly Rule[] = [
  {
    group: settlePayments,
    mark: { in: 'payments', by: 'inbox' },
    types: ['order.paymentRequested', 'order.cancelled', 'order.shipped'],
  },
  { group: followReservations, mark: INBOX_OF_ORDERS, types: ['reservation.made', 'reservation.refused'] },
  { group: followReservations, mark: STORY, types: ['reservation.consumed', 'reservation.released'] },
  {
    group: followPayments,
    mark: INBOX_OF_ORDERS,
    types: ['payment.authorized', 'payment.declined', 'payment.actionRequired'],
  },
  {
    group: followPayments,
    mark: STORY,
    types: ['payment.captured', 'payment.captureFailed', 'payment.voided', 'payment.refunded'],
  },
  { group: noteEmptiedCarts, mark: STORY, types: ['cart.emptied', 'cart.changed'] },
  { group: notePurchases, mark: STORY, types: ['purchase.recorded'] },
];

export function eventsLeftTheirMarks(stores: Stores): Check {
  return {
    invariant: 'I9',
    claim:
      'every event was applied by every service that acts on it: an inbox row, a line of the story, a mark in the document',
    counted: 'marks',
    run: async (look) => {
      const topics = await look.at(readTopics, stores);
      const since = new Date(Date.now() - JUDGED_MS).toISOString();
      const found = await Promise.all([
        ...RULES.map((rule) => judgeMarks(stores, rule, eventsOf(topics, rule.types, since))),
        heardByProducts(stores, look, topics, since),
        heardByCarts(stores, topics, since),
        heardByReviews(stores, topics, since),
      ]);
      return {
        compared: found.reduce((sum, { compared }) => sum + compared, 0),
        violations: found.flatMap(({ violations }) => violations),
      };
    },
  };
}

interface Heard {
  readonly compared: number;
  readonly violations: readonly Violation[];
}

/** Those that name an order: a cart that changed for itself is told to nobody. */
function eventsOf({ events }: TopicsRead, types: readonly string[], since: string): SentEvent[] {
  const [aggregate] = types[0]?.split('.') ?? [];
  const sent = events.get(aggregate as 'order') ?? [];
  return sent.filter(({ type, time, data }) => types.includes(type) && time > since && data.orderId !== undefined);
}

const MISSING: Readonly<Record<Mark['by'], string>> = {
  inbox: `SELECT id FROM unnest($1::uuid[]) AS id
           WHERE NOT EXISTS (SELECT FROM inbox WHERE consumer = $2 AND event_id = id)`,
  story: `SELECT id FROM unnest($1::uuid[], $2::uuid[]) AS sent(id, of)
           WHERE NOT EXISTS (SELECT FROM order_story WHERE order_id = of AND event_id = id)`,
};

async function judgeMarks(stores: Stores, { group, mark }: Rule, events: readonly SentEvent[]): Promise<Heard> {
  const name = `${group.subgraph}.${group.reaction}`;
  const ids = events.map(({ id }) => id);
  const second = mark.by === 'inbox' ? name : events.map(({ data }) => data.orderId);
  const pool: pg.Pool = stores[mark.in];
  const { rows } = await pool.query<{ id: string }>(MISSING[mark.by], [ids, second]);
  const missing = new Set(rows.map(({ id }) => id));
  const violations = events
    .filter(({ id }) => missing.has(id))
    .map((event) => unheard(event, mark.in, name, mark.by === 'inbox' ? 'an inbox row' : 'a line of its story'));
  return { compared: ids.length, violations };
}

/** The reservation's own row is the mark. */
async function heardByProducts(stores: Stores, look: Look, topics: TopicsRead, since: string): Promise<Heard> {
  const reservations = await look.at(readReservations, stores);
  const events = eventsOf(topics, ['order.placed', 'order.cancelled', 'order.shipped'], since);
  const wanted: Readonly<Record<string, (status: string | undefined) => boolean>> = {
    'order.placed': (status) => status !== undefined,
    'order.cancelled': (status) => status !== undefined && status !== 'MADE',
    'order.shipped': (status) => status === 'CONSUMED',
  };
  const violations = events
    .filter(({ type, data }) => wanted[type]?.(reservations.get(data.orderId ?? '')?.status) !== true)
    .map((event) => {
      const found = reservations.get(event.data.orderId ?? '')?.status ?? null;
      return { ...unheard(event, 'products', 'products.keep-reservations', 'a reservation that shows it'), found };
    });
  return { compared: events.length, violations };
}

/** The cart remembers the events that it has applied. */
async function heardByCarts({ cart }: Stores, topics: TopicsRead, since: string): Promise<Heard> {
  const confirmed = eventsOf(topics, ['order.confirmed'], since);
  const projection = { status: 1, mergedInto: 1, appliedEvents: 1 };
  const carts = await cart.collection<CartRow>('carts').find({}, { projection }).toArray();
  const told = eventsOf(topics, ['cart.emptied', 'cart.changed'], since);
  return {
    compared: confirmed.length,
    violations: judgeCarts(confirmed, new Map(carts.map((one) => [one._id, one])), told),
  };
}

interface PurchaseRow {
  readonly _id: string;
  readonly recordedAt?: Date;
  readonly cancelledAt?: Date;
}

async function heardByReviews({ reviews }: Stores, topics: TopicsRead, since: string): Promise<Heard> {
  const projection = { recordedAt: 1, cancelledAt: 1 };
  const rows = await reviews.collection<PurchaseRow>('purchases').find({}, { projection }).toArray();
  const purchases = new Map(rows.map((row) => [row._id, row]));
  const events = eventsOf(topics, ['order.confirmed', 'order.cancelled'], since);
  const told = new Set(eventsOf(topics, ['purchase.recorded'], since).map(({ data }) => data.orderId));
  const violations = events.flatMap((event) => {
    const purchase = purchases.get(event.data.orderId ?? '');
    const group = 'reviews.record-purchases';
    if (event.type === 'order.cancelled')
      return purchase?.cancelledAt === undefined
        ? [unheard(event, 'reviews', group, 'a purchase that is cancelled')]
        : [];
    if (purchase?.recordedAt === undefined) return [unheard(event, 'reviews', group, 'a purchase')];
    return told.has(event.data.orderId) ? [] : [unheard(event, 'the purchase topic', group, 'purchase.recorded')];
  });
  return { compared: events.length, violations };
}
