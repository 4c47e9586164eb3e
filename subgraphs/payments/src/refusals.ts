import { refusalsOf } from '@ebuy/kernel';

/** Everything this subgraph refuses in a payload, with what it says unless a command knows better. The enum of the schema is the same list. */
export const REFUSALS = {
  PAYMENT_NOT_FOUND: 'No payment is known for this order.',
  NOT_CAPTURED: 'Nothing was taken for this order yet. Cancel the order to release what is held.',
  REFUND_TOO_LARGE: 'This is more than can still be refunded.',
  NOTHING_LEFT_TO_REFUND: 'Everything that was taken was refunded, or is being refunded.',
  TOO_MANY_REFUNDS: 'This payment has had 100 refunds. Give back the rest outside the shop.',
  INVALID_AMOUNT: 'Refund at least one minor unit of the currency.',
  CURRENCY_MISMATCH: 'Refund the order in the currency that it was paid in.',
  INVALID_REASON: 'Give a reason of 1 to 500 characters, none of them control characters.',
  REFUND_FAILED: 'The payment provider refused the refund. Nothing was given back.',
  VERSION_CONFLICT: 'No order has this version: versions begin at 1. Look at the order again.',
  INVALID_IDEMPOTENCY_KEY: 'An idempotency key has 1 to 255 characters, none of them control characters.',
  IDEMPOTENCY_KEY_REUSED: 'This idempotency key was used with another input. Make a new key.',
  IDEMPOTENCY_KEY_IN_USE: 'The first request with this idempotency key is still running. Try again in a moment.',
} as const;

export type RefusalCode = keyof typeof REFUSALS;

export const refusal = refusalsOf(REFUSALS);
