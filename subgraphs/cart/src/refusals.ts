import { refusalsOf } from '@ebuy/kernel';

/** Everything this subgraph refuses, with what it says unless a rule knows better. The enum of the schema is the same list. */
export const REFUSALS = {
  NOT_FOUND: 'There is no such cart, or it is not yours. Guests give the access token they got with it.',
  LINE_NOT_FOUND: 'The cart has no such line any more. Look at the cart again.',
  VARIANT_NOT_FOUND: 'This is not on sale (any more). Choose another variant.',
  INVALID_QUANTITY: 'A quantity is a whole number from 1 to 999. To take a line out, remove it.',
  INSUFFICIENT_STOCK: 'There are not that many left. Lower the quantity.',
  TOO_MANY_LINES: 'A cart has at most 100 lines. Order these first, or remove some.',
  CURRENCY_MISMATCH: 'A cart has one currency, and this has another. Order what is in the cart first, or remove it.',
  AMOUNT_TOO_LARGE: 'The cart would come to more than can be charged exactly. Lower the quantity.',
  VERSION_CONFLICT: 'The cart has changed since you saw it. Look at it again, then decide.',
} as const;

export type RefusalCode = keyof typeof REFUSALS;

export const refusal = refusalsOf(REFUSALS);
