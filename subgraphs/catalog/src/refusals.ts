import { type Particulars, Refusal, refusalsOf } from '@ebuy/kernel';

/** Every refusal of a mutation: its code in `CollectionErrorCode`, and what it says when nothing more precise is known. */
export const REFUSALS = {
  INVALID_INPUT: 'A field of the input cannot be used as it is.',
  INVALID_SLUG: 'A slug has lower-case letters, digits and single hyphens between them, at most 100.',
  SLUG_TAKEN: 'This slug belongs to another collection. Choose another, or leave it out.',
  COLLECTION_NOT_FOUND: 'There is no collection with this id.',
  PRODUCT_NOT_FOUND: 'The catalog knows no product with this id. One that was just made is known within seconds.',
  TOO_MANY_COLLECTIONS: 'The shop has 1,000 collections, as many as it can hold. Use one of them for this.',
  VERSION_CONFLICT: 'The collection has changed since you read it. Look at it as it is now, and try again.',
} as const;

/** Every refusal of a query: the `extensions.code` of a GraphQL error. */
export const QUERY_REFUSALS = {
  INVALID_PAGE_SIZE: 'first is 1 to 100.',
  INVALID_RELATED_SIZE: 'first is 1 to 12.',
  INVALID_CURSOR: 'This cursor is not one that this list gave out for these arguments. Start without it.',
  TOO_MANY_IDS: 'At most 100 at a time.',
} as const;

export type RefusalCode = keyof typeof REFUSALS;
export type QueryRefusalCode = keyof typeof QUERY_REFUSALS;

const refusal = refusalsOf(REFUSALS);

export function refuse(code: RefusalCode, particulars?: Particulars): never {
  throw refusal(code, particulars);
}

export function refuseQuery(code: QueryRefusalCode): never {
  throw new Refusal(code, QUERY_REFUSALS[code]);
}
