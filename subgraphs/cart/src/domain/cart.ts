import type { Money } from '@ebuy/kernel';

export const MAX_LINES = 100;
export const MAX_QUANTITY = 999;

export interface CartLine {
  readonly id: string;
  readonly variantId: string;
  readonly quantity: number;
  /** The last price that products named; what is shown when it cannot be asked. */
  readonly unitPrice: Money;
}

/** What of a guest's cart is in this one already: what makes a merge that was cut off safe to repeat. */
export interface Merge {
  readonly guestCartId: string;
  readonly quantities: readonly { readonly variantId: string; readonly quantity: number }[];
}

export interface CartContent {
  /** Null while it is open: see `Cart.currency` in the schema. */
  readonly currency: string | null;
  readonly lines: readonly CartLine[];
}

export interface Cart extends CartContent {
  readonly id: string;
  readonly version: number;
  /** CLOSED: merged into a shopper's, or abandoned. Nobody opens it any more. */
  readonly status: 'OPEN' | 'CLOSED';
  /** Null: a guest's. */
  readonly userId: string | null;
  readonly mergedFrom: readonly Merge[];
  readonly mergedInto: string | null;
  /** Ids of the events whose effect is in here. */
  readonly appliedEvents: readonly string[];
}

/** What a command changes; all that is not named stays. */
export type CartChange = Partial<Omit<Cart, 'id' | 'version' | 'userId'>>;

export function newCart(id: string, userId: string | null, currency: string | null): Cart {
  return {
    id,
    version: 1,
    status: 'OPEN',
    userId,
    currency,
    lines: [],
    mergedFrom: [],
    mergedInto: null,
    appliedEvents: [],
  };
}

export const CLOSED = { status: 'CLOSED', currency: null, lines: [], mergedFrom: [] } as const satisfies CartChange;
