/** What becomes of an order's wish for stock. One row an order; its key is what makes a second delivery harmless. */
export const RESERVATION_STATUSES = ['MADE', 'REFUSED', 'CONSUMED', 'RELEASED', 'CANCELLED_BEFORE'] as const;

export type ReservationStatus = (typeof RESERVATION_STATUSES)[number];
export type ReservationCause = 'order.placed' | 'order.cancelled' | 'order.shipped';

/**
 * What an event does to a reservation:
 * `reserve` all lines or none, `remember` that the order ended first, `release` the units, `consume` them;
 * `ignore` what has been done or needs nothing; `impossible` contradicts what orders promises, and people must see it.
 */
export type ReservationStep = 'reserve' | 'remember' | 'release' | 'consume' | 'ignore' | 'impossible';

/** The status table: by event, from each status (NONE: the order was never heard of) to a step. */
export const RESERVATION_STEPS: Readonly<
  Record<ReservationCause, Readonly<Record<ReservationStatus | 'NONE', ReservationStep>>>
> = {
  'order.placed': {
    NONE: 'reserve',
    MADE: 'ignore',
    REFUSED: 'ignore',
    CONSUMED: 'ignore',
    RELEASED: 'ignore',
    CANCELLED_BEFORE: 'ignore',
  },
  'order.cancelled': {
    NONE: 'remember',
    MADE: 'release',
    REFUSED: 'ignore',
    CONSUMED: 'impossible',
    RELEASED: 'ignore',
    CANCELLED_BEFORE: 'ignore',
  },
  'order.shipped': {
    NONE: 'impossible',
    MADE: 'consume',
    REFUSED: 'impossible',
    CONSUMED: 'ignore',
    RELEASED: 'impossible',
    CANCELLED_BEFORE: 'impossible',
  },
};

export interface WantedLine {
  readonly variantId: string;
  readonly sku: string;
  readonly quantity: number;
}

export interface ReservedLine {
  readonly variantId: string;
  readonly quantity: number;
}

/** What an order wants of each variant. The order of the lines means nothing: the lock on stock is taken sorted. */
export function sumByVariant(lines: readonly ReservedLine[]): ReservedLine[] {
  const quantities = new Map<string, number>();
  for (const { variantId, quantity } of lines) quantities.set(variantId, (quantities.get(variantId) ?? 0) + quantity);
  return [...quantities].map(([variantId, quantity]) => ({ variantId, quantity }));
}

/** The most that one line of an event says (packages/events/src/catalogue.ts). */
const MAX_QUANTITY_A_LINE = 999;

/** Sums as an event's lines. An order may have one variant on several lines, so a sum may need several, too; never more. */
export function linesOfEvent(sums: readonly ReservedLine[]): ReservedLine[] {
  return sums.flatMap(({ variantId, quantity }) => {
    const lines: ReservedLine[] = [];
    for (let left = quantity; left > 0; left -= MAX_QUANTITY_A_LINE) {
      lines.push({ variantId, quantity: Math.min(left, MAX_QUANTITY_A_LINE) });
    }
    return lines;
  });
}

export interface Shortage {
  readonly variantId: string;
  readonly sku: string;
  readonly requested: number;
  readonly available: number;
}

/**
 * The lines that cannot be had, each with what the lines before it leave. Empty: all can be reserved.
 * A variant that is not in `available` is not known here, and there is none of it.
 */
export function shortagesOf(lines: readonly WantedLine[], available: ReadonlyMap<string, number>): Shortage[] {
  const left = new Map(available);
  return lines.flatMap(({ variantId, sku, quantity }) => {
    const units = left.get(variantId) ?? 0;
    if (quantity > units) return [{ variantId, sku, requested: quantity, available: units }];
    left.set(variantId, units - quantity);
    return [];
  });
}
