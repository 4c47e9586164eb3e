import { Refusal, refusalsOf } from '@ebuy/kernel';

/** Everything that a mutation refuses, with what it says unless a rule knows better. The enum of the schema is the same list. */
export const REFUSALS = {
  INVALID_INPUT: 'A field of the input cannot be used as it is.',
  PRODUCT_NOT_FOUND:
    'There is no such product on sale. Of one that is not sold any more, only who bought it may say something.',
  ALREADY_REVIEWED:
    'You have said what you think of this product, and here it is. Another purchase opens another review.',
  REVIEW_NOT_FOUND: 'There is no review with this id.',
  INVALID_STATUS: 'A review cannot go back to PENDING: publish it or reject it.',
} as const;

/** What makes a field of the graph fail: the `extensions.code` of a GraphQL error. */
export const QUERY_REFUSALS = {
  INVALID_PAGE_SIZE: 'first is 1 to 100.',
  INVALID_CURSOR: 'This cursor is not one that this list gave out. Start without it.',
  FORBIDDEN: 'Only shoppers review products: a machine has bought nothing.',
} as const;

export type RefusalCode = keyof typeof REFUSALS;
type QueryRefusalCode = keyof typeof QUERY_REFUSALS;

export const refusal = refusalsOf(REFUSALS);

export function queryRefusal(code: QueryRefusalCode): Refusal<QueryRefusalCode> {
  return new Refusal(code, QUERY_REFUSALS[code]);
}
