import type { Look } from './look.ts';

/** What must stay true, whatever breaks, by its number. */
export const INVARIANTS = {
  I1: 'units in live orders never exceed units received; no stock is below zero',
  I2: 'at most one capture an order; what was taken and not given back is at most its total',
  I3: 'the ledger sums to zero, per order and over all, and is append-only',
  I4: 'an acknowledged order is never lost',
  I5: 'every order moves only along the status table, and ends once or waits with a deadline',
  I6: 'one order per principal and idempotency key',
  I7: 'limited things never go past their limit',
  I8: 'every reservation ends once, consumed or released, with its order',
  I9: 'every committed event is delivered, and applied exactly once per consumer',
  I10: 'a read model equals the fold of the events once quiet',
  I11: 'a shopper reads their own writes, and never goes back in time',
  I12: 'webhooks are signed, arrive at least once, in order per aggregate',
  I13: 'the price confirmed is the price charged',
  I14: 'refunds are applied once under duplicate and reordered webhooks',
  I15: 'no personal data and no secret in logs or events',
  I16: 'no cached answer is older than its bound, and once quiet each equals a fresh one',
  audit: 'who did what is on record, and nobody changed the record',
} as const;
export type Invariant = keyof typeof INVARIANTS;

/** One thing that is not as it must be: enough to find it again in the stores. */
export interface Violation {
  /** What it is about, by its id, and where it stands: `order 0193… in payments`. */
  readonly where: string;
  /** Which part of it: `variants.0.price.amountMinor`. */
  readonly field: string;
  readonly expected: unknown;
  readonly found: unknown;
}

export interface Verdict {
  /** How many things were compared. */
  readonly compared: number;
  readonly violations: readonly Violation[];
}

/** Compares what stores say with what must hold: every order, every document, field by field. */
export interface Check {
  readonly invariant: Invariant;
  /** What must hold, as a sentence. */
  readonly claim: string;
  /** What is counted, in the plural: `products`. */
  readonly counted: string;
  /** What several checks of one round need is read once, through `look`. */
  readonly run: (look: Look) => Promise<Verdict>;
}
