// I9: what was committed is sent. Once quiet, nothing waits to be.
import type { mongo } from 'mongoose';
import type { Check, Violation } from '../contract.ts';
import type { Stores } from '../stores.ts';

const OUTBOXES = ['users', 'products', 'orders', 'payments'] as const;
const SHOWN_MOST = 100;

interface Emitting {
  readonly _id: string;
  readonly pendingEvents?: readonly { readonly id: string; readonly topic: string }[];
}

export function nothingWaitsToBeSent(stores: Stores): Check {
  return {
    invariant: 'I9',
    claim: 'nothing waits to be sent: outboxes and pending events are empty',
    counted: 'places',
    run: async () => {
      const found = await Promise.all([
        ...OUTBOXES.map((service) => waitingRows(stores, service)),
        ...pendingPlaces(stores).map(([name, place]) => pendingEvents(name, place)),
      ]);
      return { compared: found.length, violations: found.flat() };
    },
  };
}

export function pendingPlaces({ cart, catalog, reviews }: Stores): [string, mongo.Collection<Emitting>][] {
  return [
    ['cart.carts', cart.collection('carts')],
    ['catalog.products', catalog.collection('products')],
    ['catalog.collections', catalog.collection('collections')],
    ['reviews.reviews', reviews.collection('reviews')],
    ['reviews.ratings', reviews.collection('ratings')],
    ['reviews.purchases', reviews.collection('purchases')],
  ];
}

async function waitingRows(stores: Stores, service: (typeof OUTBOXES)[number]): Promise<Violation[]> {
  const { rows } = await stores[service].query<{ id: string; topic: string; key: string; since: Date }>(
    `SELECT id, topic, key, created_at AS since FROM outbox WHERE published_at IS NULL ORDER BY position LIMIT ${SHOWN_MOST}`,
  );
  return rows.map(({ id, topic, key, since }) => ({
    where: `${topic} ${key} in ${service}`,
    field: `outbox ${id}`,
    expected: 'sent',
    found: `waits since ${since.toISOString()}`,
  }));
}

/** By the list itself, not by the index that the relay finds it by: what lost its place there is what we look for. */
async function pendingEvents(name: string, place: mongo.Collection<Emitting>): Promise<Violation[]> {
  const documents = await place
    .find({ 'pendingEvents.0': { $exists: true } }, { projection: { 'pendingEvents.id': 1, 'pendingEvents.topic': 1 } })
    .limit(SHOWN_MOST)
    .toArray();
  return documents.flatMap(({ _id, pendingEvents = [] }) =>
    pendingEvents.map(({ id, topic }) => ({
      where: `${topic} ${_id} in ${name}`,
      field: `pendingEvents ${id}`,
      expected: 'sent',
      found: 'waits',
    })),
  );
}
