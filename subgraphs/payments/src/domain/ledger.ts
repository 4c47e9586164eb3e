/** Double entry: what each movement of money books. A debit is positive, a credit negative; every posting sums to zero. */
import type { Attempt, Payment, Refund } from './payment.ts';

/** `holds` and its contra are a memo: what providers hold for us, which nobody owns yet. The rest is money. */
export const ACCOUNTS = ['holds', 'holds_contra', 'provider_clearing', 'sales', 'refunds'] as const;
export type Account = (typeof ACCOUNTS)[number];

export interface Posting {
  readonly kind: 'HOLD' | 'RELEASE' | 'CAPTURE' | 'REFUND';
  /** What it is about; each is booked once. */
  readonly subjectId: string;
  readonly entries: readonly { readonly account: Account; readonly amountMinor: number }[];
}

export function hold(payment: Payment, attempt: Attempt): Posting[] {
  return posting('HOLD', attempt.id, 'holds', 'holds_contra', payment.amount.amountMinor);
}

export function release(payment: Payment, attempt: Attempt): Posting[] {
  return posting('RELEASE', attempt.id, 'holds_contra', 'holds', payment.amount.amountMinor);
}

export function capture(payment: Payment, attempt: Attempt): Posting[] {
  return [
    ...release(payment, attempt),
    ...posting('CAPTURE', payment.id, 'provider_clearing', 'sales', payment.amount.amountMinor),
  ];
}

export function giveBack(refund: Refund): Posting[] {
  return posting('REFUND', refund.id, 'refunds', 'provider_clearing', refund.amountMinor);
}

/** Nothing is booked for nothing: an order may come to zero. */
function posting(
  kind: Posting['kind'],
  subjectId: string,
  debit: Account,
  credit: Account,
  amountMinor: number,
): Posting[] {
  if (amountMinor === 0) return [];
  const entries = [
    { account: debit, amountMinor },
    { account: credit, amountMinor: -amountMinor },
  ];
  return [{ kind, subjectId, entries }];
}
