import { isDeepStrictEqual } from 'node:util';
import { sanitisedDescription } from '../domain/description.ts';
import { collectionsOf, productTypeOf, tagsOf, titleOf, vendorOf } from '../domain/new-product.ts';
import type { Product } from '../domain/product.ts';
import { refuse } from '../refusals.ts';
import type { Database } from '../store/index.ts';
import type { Actor } from './actor.ts';
import { changeProduct } from './change-product.ts';

type Maybe<Value> = Value | null | undefined;

export interface UpdateProductInput {
  readonly productId: string;
  readonly title?: Maybe<string>;
  readonly descriptionHtml?: Maybe<string>;
  readonly vendor?: Maybe<string>;
  readonly productType?: Maybe<string>;
  readonly tags?: Maybe<readonly string[]>;
  readonly collections?: Maybe<readonly string[]>;
  readonly expectedVersion?: Maybe<number>;
}

/** A field that is not given stays; null empties it. */
export async function updateProduct(database: Database, input: UpdateProductInput, actor: Actor): Promise<Product> {
  const { productId, expectedVersion = null, title, descriptionHtml, vendor, productType, tags, collections } = input;
  if (title === null) refuse('INVALID_INPUT', { field: ['title'], message: 'A title must not be empty.' });
  const fields = {
    ...(title === undefined ? {} : { title: titleOf(title) }),
    ...(descriptionHtml === undefined ? {} : { descriptionHtml: sanitisedDescription(descriptionHtml ?? '') }),
    ...(vendor === undefined ? {} : { vendor: vendorOf(vendor) }),
    ...(productType === undefined ? {} : { productType: productTypeOf(productType) }),
    ...(tags === undefined ? {} : { tags: tagsOf(tags) }),
    ...(collections === undefined ? {} : { collections: collectionsOf(collections) }),
  };
  const request = { productId, expectedVersion, actor, action: 'updateProduct', now: new Date() };
  return changeProduct(database, request, (product) => {
    const changed = { ...product, ...fields };
    return isDeepStrictEqual(changed, product) ? product : changed;
  });
}
