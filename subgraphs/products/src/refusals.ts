import { type Particulars, Refusal, refusalsOf } from '@ebuy/kernel';

/** Every refusal of a mutation: its code in `ProductErrorCode`, and what it says when nothing more precise is known. */
export const REFUSALS = {
  INVALID_INPUT: 'A field of the input cannot be used as it is.',
  INVALID_SLUG: 'A slug has lower-case letters, digits and single hyphens between them, at most 100.',
  INVALID_OPTIONS: 'Options and variants do not fit each other.',
  INVALID_IMAGE_URL: 'An image needs an http or https address, or a path that begins with one slash.',
  INVALID_PRICE: 'A price is zero or more.',
  CURRENCY_MISMATCH: 'All prices of a product are in one currency.',
  SKU_TAKEN: 'This SKU belongs to another variant. Choose another.',
  SLUG_TAKEN: 'This slug belongs to another product. Choose another, or leave it out.',
  PRODUCT_NOT_FOUND: 'There is no product with this id.',
  VARIANT_NOT_FOUND: 'There is no variant with this id.',
  VERSION_CONFLICT: 'The product has changed since you read it. Look at it as it is now, and try again.',
  NOT_PUBLISHED: 'A draft is not on sale, so it cannot be withdrawn.',
  INSUFFICIENT_STOCK: 'Fewer units than this are there and not reserved for orders.',
  STOCK_LIMIT_EXCEEDED: 'At most 1,000,000,000 units of a variant can be in stock.',
  INVALID_IMPORT: 'Give either csv or uploadId.',
  CSV_TOO_LARGE: 'csv has at most 1 MB. Upload the file (POST /uploads), and import it by its uploadId.',
  UPLOAD_NOT_FOUND: 'There is no whole upload with this id: they are kept for a day. Upload the file again.',
  TOO_MANY_IMPORTS: 'Twenty imports wait or run. Try again when one has ended.',
  INVALID_IDEMPOTENCY_KEY: 'An idempotency key has 1 to 255 characters.',
  IDEMPOTENCY_KEY_REUSED: 'This idempotency key was used with another input. Make a new key.',
  IDEMPOTENCY_KEY_IN_USE: 'The first request with this idempotency key is still running. Try again in a moment.',
} as const;

/** Every refusal of a query: the `extensions.code` of a GraphQL error. */
export const QUERY_REFUSALS = {
  INVALID_PAGE_SIZE: 'first is 1 to 100.',
  INVALID_CURSOR: 'This cursor is not one that this list gave out for these arguments. Start without it.',
  INVALID_QUERY: 'A search text has at most 200 characters, none of them control characters.',
  TOO_MANY_IDS: 'At most 100 at a time.',
  FORBIDDEN: 'Only services of the shop may ask this.',
} as const;

export type ProductRefusalCode = keyof typeof REFUSALS;
export type QueryRefusalCode = keyof typeof QUERY_REFUSALS;

const refusal = refusalsOf(REFUSALS);

export function refuse(code: ProductRefusalCode, particulars?: Particulars): never {
  throw refusal(code, particulars);
}

export function refuseQuery(code: QueryRefusalCode): never {
  throw new Refusal(code, QUERY_REFUSALS[code]);
}
