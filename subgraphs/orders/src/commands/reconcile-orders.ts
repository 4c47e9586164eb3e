/**
 * Compares what products and payments made of our orders with what we said: who has not followed is told again, and where something else
 * has happened than what was said people look. What has just moved is on its way and is left to a later round.
 */
import { newId } from '@ebuy/kernel';
import { type Discrepancy, noteDiscrepancies, openDiscrepancies, Tally } from '@ebuy/runtime';
import type { PaymentsClient } from '../clients/payments.ts';
import type { Reservations } from '../clients/reservations.ts';
import { hasPaymentsFollowed, hasProductsFollowed, type Verdict } from '../domain/followed.ts';
import { knownOrders, readByIds, readPage, type SettledOrder } from '../store/followed.ts';
import type { Store } from '../store/index.ts';
import { sayAgain } from './say-again.ts';

export const JOB = 'reservations';

const YOUNG_MS = 60_000;
const PAGE = 100;
/** Said again so often in vain: then it is for people, too. */
const MOST_REPEATS = 3;
export const NOT_FOLLOWED = 'not_followed';

export interface ReconcileNeeds {
  readonly store: Store;
  readonly reservations: Reservations;
  readonly payments: PaymentsClient;
  readonly now: () => Date;
  /** A minute by default. */
  readonly youngMs?: number;
}

/** What is found while a round goes on. It comes by an order more than once; one that is behind is told of once. */
export class Round extends Tally {
  readonly behind = new Set<string>();
}

export interface Stretch {
  /** The id behind which it begins. */
  readonly after: string;
  readonly mostPages: number;
}

/** Orders by their ids, which is by the time of placing. Returns where it stopped; null: at their end. */
export async function reconcileOrders(needs: ReconcileNeeds, stretch: Stretch, round: Round): Promise<string | null> {
  let after: string | null = stretch.after;
  for (let pages = 0; after !== null && pages < stretch.mostPages; pages += 1) {
    const page = await readPage(needs.store, after, settledBefore(needs));
    await compare(needs, page.settled, round);
    after = page.last;
  }
  return after;
}

/** Units that are held for orders that we do not know. Those of orders that we know are compared by the order. */
export async function reconcileHeld(needs: ReconcileNeeds, stretch: Stretch, round: Round): Promise<string | null> {
  let after: string | null = stretch.after;
  for (let pages = 0; after !== null && pages < stretch.mostPages; pages += 1) {
    const held = await needs.reservations.heldReservations(after, newId());
    const ids = held.map(({ orderId }) => orderId);
    const known = await knownOrders(needs.store, ids);
    const strays = ids.filter((id) => !known.has(id));
    await note(
      needs,
      strays,
      strays.map((subject) => ({ kind: 'reservation_without_order', subject, details: {} })),
      round,
    );
    round.compare(strays.length);
    await compare(needs, await readByIds(needs.store, [...known], settledBefore(needs)), round);
    after = ids.length < PAGE ? null : (ids.at(-1) ?? null);
  }
  return after;
}

/** What was found before and is not settled, wherever it stands. */
export async function reconcileOpen(needs: ReconcileNeeds, round: Round): Promise<void> {
  const open = await openDiscrepancies(needs.store, JOB);
  const subjects = [...new Set(open.map(({ subject }) => subject))];
  for (let from = 0; from < subjects.length; from += PAGE) {
    const some = subjects.slice(from, from + PAGE);
    await compare(needs, await readByIds(needs.store, some, settledBefore(needs)), round);
    // Strays: gone when products holds nothing for them any more.
    const known = await knownOrders(needs.store, some);
    const strangers = some.filter((id) => !known.has(id));
    if (strangers.length === 0) continue;
    const states = await needs.reservations.reservationsOfOrders(strangers, newId());
    const held = new Set(states.filter(({ status }) => status === 'MADE').map(({ orderId }) => orderId));
    await noteDiscrepancies(
      needs.store,
      JOB,
      strangers.filter((id) => !held.has(id)),
      [],
    );
  }
}

function settledBefore({ now, youngMs = YOUNG_MS }: ReconcileNeeds): Date {
  return new Date(now().getTime() - youngMs);
}

async function compare(needs: ReconcileNeeds, some: readonly SettledOrder[], round: Round): Promise<void> {
  const orders = some.filter(({ id }) => !round.behind.has(id));
  if (orders.length === 0) return;
  const ids = orders.map(({ id }) => id);
  const correlationId = newId();
  const [reservations, payments, open] = await Promise.all([
    needs.reservations.reservationsOfOrders(ids, correlationId),
    needs.payments.paymentsOfOrders(ids, correlationId),
    openDiscrepancies(needs.store, JOB),
  ]);
  const reservationOf = new Map(reservations.map((one) => [one.orderId, one.status]));
  const paymentOf = new Map(payments.map((one) => [one.orderId, one]));
  const repeats = new Map(open.filter(({ kind }) => kind === NOT_FOLLOWED).map((one) => [one.subject, one.rounds]));
  const found: Discrepancy[] = [];
  for (const order of orders) {
    const reservation = reservationOf.get(order.id) ?? null;
    const payment = paymentOf.get(order.id) ?? null;
    const details = { order: order.status, reservation, payment: payment?.status ?? null };
    const verdicts = [hasProductsFollowed(order, reservation), hasPaymentsFollowed(order, payment)];
    found.push(...contradictions(order, verdicts, details));
    const behind = new Set(verdicts.flatMap((verdict) => (verdict.kind === 'behind' ? [verdict.type] : [])));
    for (const type of behind) {
      const said = (repeats.get(order.id) ?? 0) < MOST_REPEATS && (await sayAgain(needs, order, type));
      if (said) round.repair(`${type} said again`);
    }
    if (behind.size === 0) continue;
    round.behind.add(order.id);
    found.push({ kind: NOT_FOLLOWED, subject: order.id, details: { ...details, said: [...behind] } });
  }
  round.compare(orders.length);
  await note(needs, ids, found, round);
}

function contradictions(
  { id: subject }: SettledOrder,
  verdicts: readonly Verdict[],
  details: Discrepancy['details'],
): Discrepancy[] {
  return verdicts.flatMap((verdict) =>
    verdict.kind === 'contradicts' ? [{ kind: verdict.what, subject, details }] : [],
  );
}

async function note(
  { store }: ReconcileNeeds,
  subjects: readonly string[],
  found: readonly Discrepancy[],
  round: Round,
): Promise<void> {
  round.report(...found.filter(({ kind }) => kind !== NOT_FOLLOWED));
  await noteDiscrepancies(store, JOB, subjects, found);
}

/** What is left for people: all that contradicts, and what was said again and again without being followed. */
export async function leftForPeople({ store }: Pick<ReconcileNeeds, 'store'>): Promise<Discrepancy[]> {
  const open = await openDiscrepancies(store, JOB);
  return open
    .filter(({ kind, rounds }) => kind !== NOT_FOLLOWED || rounds > MOST_REPEATS)
    .map(({ kind, subject, details }) => ({ kind, subject, details }));
}
