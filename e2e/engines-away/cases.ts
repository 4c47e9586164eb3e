// What shoppers see while an engine or a service is away: docs/failure-modes.md says the same in words.
import { expect } from '@jest/globals';
import { type Answers, OPERATIONS, type Operation } from './probes.ts';

/** The codes that say: not now, try again. Nobody is told more of what is broken. */
export const CLEAR: ReadonlySet<string> = new Set(['SERVICE_UNAVAILABLE', 'SERVICE_TIMEOUT']);

interface Seen {
  /** Answered with one of the clear codes, wholly or in part; everything else is answered as ever. */
  readonly fails: readonly Operation[];
}

export interface EngineCase extends Seen {
  readonly engine: string;
  /** The services that say they are not ready. */
  readonly notReady: readonly string[];
  /** The services that are ready and say they lack something. */
  readonly degraded: readonly string[];
}

export interface ServiceCase extends Seen {
  readonly service: string;
}

const MOVE_EVENTS = ['users', 'products', 'catalog', 'search', 'cart', 'orders', 'reviews', 'payments'];

export const ENGINE_CASES: readonly EngineCase[] = [
  { engine: 'redis', notReady: [], degraded: ['catalog', 'orders'], fails: [] },
  { engine: 'opensearch', notReady: ['search'], degraded: [], fails: ['Search'] },
  { engine: 'kafka', notReady: [], degraded: MOVE_EVENTS, fails: [] },
  {
    engine: 'mongodb',
    notReady: ['catalog', 'cart', 'reviews'],
    degraded: [],
    fails: ['ProductPage', 'Cart', 'CreateCart', 'CheckoutQuote', 'PlaceOrder'],
  },
  {
    engine: 'postgresql',
    notReady: ['users', 'products', 'orders', 'payments', 'sandbox'],
    degraded: [],
    fails: ['CreateCart', 'CheckoutQuote', 'PlaceOrder', 'OrderStatus'],
  },
  { engine: 'keycloak', notReady: [], degraded: [], fails: [] },
];

/** search and reviews stand still in ../read-side/away.e2e.ts. */
export const SERVICE_CASES: readonly ServiceCase[] = [
  { service: 'users', fails: [] },
  { service: 'products', fails: ['CreateCart', 'CheckoutQuote', 'PlaceOrder'] },
  { service: 'catalog', fails: ['ProductPage', 'Cart', 'CreateCart', 'PlaceOrder'] },
  { service: 'cart', fails: ['Cart', 'CreateCart', 'CheckoutQuote', 'PlaceOrder'] },
  { service: 'orders', fails: ['CheckoutQuote', 'PlaceOrder', 'OrderStatus'] },
  // The order is placed; what the answer says of its payment is missing.
  { service: 'payments', fails: ['PlaceOrder'] },
  { service: 'sandbox', fails: [] },
  { service: 'pictures', fails: [] },
];

export function expectAnswers(answers: Answers, { fails }: Seen): void {
  const asked = OPERATIONS.map((operation) => {
    const answer = answers[operation];
    return [operation, CLEAR.has(answer) ? 'not now' : answer];
  });
  const wanted = OPERATIONS.map((operation) => [operation, fails.includes(operation) ? 'not now' : 'ok']);
  expect(Object.fromEntries(asked)).toEqual(Object.fromEntries(wanted));
}
