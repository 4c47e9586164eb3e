import { Refusal, refusalsOf } from '@ebuy/kernel';

/** Everything this subgraph refuses in a payload, with what it says unless a command knows better. The enum of the schema is the same list. */
export const REFUSALS = {
  CART_NOT_FOUND: 'There is no such cart, or it is not yours. Guests give the access token they got with it.',
  CART_EMPTY: 'The cart is empty. Add something first.',
  TOO_MANY_LINES: 'An order has at most 100 lines. Order the rest separately.',
  INVALID_QUANTITY: 'A quantity is a whole number from 1 to 999.',
  VARIANT_UNAVAILABLE: 'Something in the cart is not for sale any more. Remove it and try again.',
  MIXED_CURRENCIES: 'The cart has prices in more than one currency. Order them separately.',
  CURRENCY_NOT_SHIPPED: 'There is no shipping in this currency yet.',
  OUT_OF_STOCK: 'There is not enough of something in the cart. Lower its quantity and try again.',
  INVALID_EMAIL: 'This is not an e-mail address.',
  INVALID_ADDRESS: 'This part of the address is missing, too long, or has characters that an address cannot have.',
  COUNTRY_NOT_SHIPPED: 'We do not ship to this country yet.',
  UNKNOWN_SHIPPING_OPTION: 'There is no such shipping option for this country.',
  INVALID_PAYMENT_METHOD:
    "Give a payment method of the payment provider's, 1 to 255 characters. Never send a card number.",
  TOTAL_CHANGED: 'The total has changed since you saw it. Nothing was ordered.',
  AMOUNT_TOO_LARGE: 'This comes to more than can be charged exactly. Order less at a time.',
  FORBIDDEN: 'This client may not place orders: it lacks the scope partner:orders.',
  INVALID_TEXT: 'This text is empty, too long, or has control characters.',
  ORDER_NOT_FOUND: 'There is no such order, or it is not yours. Guests give the access token they got with it.',
  VERSION_CONFLICT: 'The order has changed since you saw it. Look at it again, then decide.',
  ORDER_NOT_PAYABLE: 'This order does not wait for a payment.',
  PAYMENT_IN_PROGRESS: 'The last payment attempt is still running. Wait for its outcome before you try another.',
  TOO_MANY_ATTEMPTS: 'This order has had as many payment attempts as it may have. Place a new one.',
  ORDER_NOT_CANCELLABLE: 'This order can no longer be cancelled.',
  ORDER_NOT_SHIPPABLE: 'Only a confirmed order that was not shipped yet can be shipped.',
  ORDER_NOT_DELIVERABLE: 'Only an order that is on its way can be delivered.',
  INVALID_IDEMPOTENCY_KEY: 'An idempotency key has 1 to 255 characters, none of them control characters.',
  IDEMPOTENCY_KEY_REUSED: 'This idempotency key was used with another input. Make a new key.',
  IDEMPOTENCY_KEY_IN_USE: 'The first request with this idempotency key is still running. Try again in a moment.',
} as const;

export type RefusalCode = keyof typeof REFUSALS;

/** Queries have no payload to refuse in: these become GraphQL errors with the code. */
export const QUERY_REFUSALS = {
  NOT_FOUND: 'There is no such order, or it is not yours. Guests give the access token they got with it.',
  FORBIDDEN: 'You may not see this.',
  BAD_USER_INPUT: 'An argument cannot be used.',
  FEED_INTERRUPTED: 'Orders may have been missed. Load the list and subscribe again.',
} as const;

export const refusal = refusalsOf(REFUSALS);

export function queryRefusal(code: keyof typeof QUERY_REFUSALS, message?: string): Refusal {
  return new Refusal(code, message ?? QUERY_REFUSALS[code]);
}
