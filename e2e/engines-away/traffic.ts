// A steady, bounded traffic: guests read pages, search, fill carts and insist on their orders; support ships and refunds. All of it is written down.
import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '@ebuy/kernel';
import { eventually } from '@ebuy/testing';
import type { UserError } from '@ebuy/tools/demo/shapes.ts';
import { type Key, shopper } from '@ebuy/tools/demo/shopper.ts';
import { type Support, support } from '@ebuy/tools/demo/staff.ts';
import type { Answer, Visitor } from '@ebuy/tools/demo/visitor.ts';
import { checkout, fillCart, orderOf } from '../client/purchase.ts';
import type { Sold } from '../client/sell.ts';
import { send } from '../client/storefront.ts';

const BUYERS = 3;
const MAX_ORDERS = 600;
/** Between two rounds of one person. */
const BREATH_MS = 200;
const BUYERS_BREATH_MS = 1_200;
/** Whoever insists goes on for longer than an engine may be away on a busy machine. */
const STUBBORN = { timeoutMs: 660_000, everyMs: 500 };

/** One request, as whoever sent it saw it. */
export interface Seen {
  /** The operation: `ProductPage`, `PlaceOrder`, … */
  readonly operation: string;
  /** When it was sent, on `performance.now()`'s clock. */
  readonly from: number;
  readonly tookMs: number;
  /** `ok`, the codes of what was refused or failed, or the error of a request without an answer. */
  readonly outcome: string;
}

export interface Traffic {
  readonly seen: readonly Seen[];
  /** The orders that somebody was told of, with the keys that open them. */
  readonly placed: readonly Key[];
  readonly shipped: readonly Key[];
  readonly refunded: readonly Key[];
  /** Nobody begins anything new; what was begun is insisted on. Rejects with whatever the traffic did not get. */
  stop(): Promise<void>;
}

export interface TrafficOptions {
  readonly guest: Visitor;
  readonly staff: Visitor;
  /** What is bought; plenty of it. */
  readonly shelf: readonly Sold[];
}

/** Starts the traffic; it goes on until it is stopped, whatever is away. */
export function startTraffic(options: TrafficOptions): Traffic {
  const seen: Seen[] = [];
  const placed: Key[] = [];
  const shipped: Key[] = [];
  const refunded: Key[] = [];
  /** Of the placed, the one that support looks at. */
  let next = 0;
  const stopping = new AbortController();
  const guest = shopper(writingDown(options.guest, seen));
  const staff = support(writingDown(options.staff, seen));
  const loop = async (step: (round: number) => Promise<void>, breathMs = BREATH_MS): Promise<void> => {
    for (let round = 0; !stopping.signal.aborted; round += 1) {
      await step(round);
      await sleep(breathMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  const sold = (round: number): Sold => options.shelf[round % options.shelf.length]!;
  const running = [
    loop(
      async (round) => void (await send(guest.visitor, 'ProductPage', { slug: sold(round).slug }).catch(() => null)),
    ),
    loop(async () => void (await send(guest.visitor, 'Search', { query: 'lamp', first: 12 }).catch(() => null))),
    ...Array.from({ length: BUYERS }, () =>
      loop(async (round) => {
        if (placed.length >= MAX_ORDERS) return;
        const cart = await insist(() => fillCart(guest, { variantId: sold(round).variantId }));
        const input = await insist(() => checkout(guest, cart));
        const key = await insist(async () => orderOf(await guest.placeOrder(input)).key);
        placed.push(key);
        await guest.orderStatus(key).catch(() => null);
      }, BUYERS_BREATH_MS),
    ),
    loop(async (round) => {
      const key = placed[next];
      const status = key && (await guest.orderStatus(key).catch(() => null));
      if (status === 'CONFIRMED' || status === 'CANCELLED') next += 1;
      if (key === undefined || status !== 'CONFIRMED') return;
      await ship(staff, key);
      shipped.push(key);
      if (round % 2 === 0) return;
      await refund(staff, key);
      refunded.push(key);
    }),
  ];
  // Whoever gave up is heard at the end, by stop().
  for (const one of running) one.catch(() => undefined);
  return {
    seen,
    placed,
    shipped,
    refunded,
    async stop() {
      stopping.abort();
      await Promise.all(running);
    },
  };
}

const insist = <Result>(attempt: () => Promise<Result>): Promise<Result> => eventually(attempt, STUBBORN);

async function ship(staff: Support, { id: orderId }: Key): Promise<void> {
  const input = { orderId, carrier: 'DHL', trackingNumber: `ENGINES-${orderId.slice(-6)}`, idempotencyKey: newId() };
  await insist(async () => granted(await staff.shipOrder(input)));
}

/** Refused until payments has captured; then it must be granted. */
async function refund(staff: Support, { id: orderId }: Key): Promise<void> {
  const input = {
    orderId,
    amount: { amountMinor: 100, currency: 'EUR' },
    reason: 'A scratch.',
    idempotencyKey: newId(),
  };
  await insist(async () => granted(await staff.refundOrder(input)));
}

function granted({ userErrors }: { readonly userErrors: readonly UserError[] }): void {
  if (userErrors.length > 0) throw new Error(JSON.stringify(userErrors));
}

/** The same visitor, whose every request is written down. */
function writingDown(visitor: Visitor, seen: Seen[]): Visitor {
  const ask = async <Result>(query: string, variables?: object): Promise<Answer<Result>> => {
    const operation = /^\s*(?:query|mutation)\s+(\w+)/m.exec(query)?.[1] ?? query.slice(0, 40);
    const from = performance.now();
    const note = (outcome: string): void => {
      seen.push({ operation, from, tookMs: performance.now() - from, outcome });
    };
    try {
      const answer = await visitor.ask<Result>(query, variables);
      const codes = new Set(answer.errors.map(({ message, extensions }) => extensions?.code ?? message));
      note(codes.size === 0 ? 'ok' : [...codes].sort().join(' '));
      return answer;
    } catch (error) {
      note(error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 160) : String(error));
      throw error;
    }
  };
  return {
    ask,
    async get<Result>(query: string, variables?: object) {
      const { result, errors } = await ask<Result>(query, variables);
      if (errors.length > 0 || result === null) throw new Error(`The graph answered ${JSON.stringify(errors)}`);
      return result;
    },
  };
}
