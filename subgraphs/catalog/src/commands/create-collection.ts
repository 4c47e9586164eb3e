import { newEvent } from '@ebuy/events';
import { newId, nthSlug, slugOf } from '@ebuy/kernel';
import { type AuditSource, auditorOf } from '@ebuy/runtime';
import { type Collection, stateOf } from '../domain/collection.ts';
import {
  type CollectionFields,
  soundDescription,
  soundProductIds,
  soundRule,
  soundSlug,
  soundTitle,
} from '../domain/collection-input.ts';
import { refuse } from '../refusals.ts';
import type { CatalogNeeds } from './needs.ts';

const MAX_COLLECTIONS = 1_000;
/** After these a derived slug takes a part of the id, which nobody else has. */
const NUMBERED_SLUGS = 9;

export interface CreateCollection extends CollectionFields {
  readonly slug?: string | null | undefined;
  readonly title: string;
}

/** Makes a collection. Its slug, when nobody chose one, is the first free one that its title gives. */
export async function createCollection(
  needs: Pick<CatalogNeeds, 'store' | 'now'>,
  context: AuditSource,
  input: CreateCollection,
): Promise<Collection> {
  const { store, now } = needs;
  const id = newId();
  const title = soundTitle(input.title);
  const slugs = input.slug == null ? derivedSlugs(title, id) : [soundSlug(input.slug)];
  const fields = {
    id,
    version: 1,
    title,
    description: soundDescription(input.description ?? null),
    productIds: soundProductIds(input.productIds ?? null),
    rule: soundRule(input.rule),
  };
  await assertKnown(needs, fields.productIds);
  if ((await store.collections.count()) >= MAX_COLLECTIONS) refuse('TOO_MANY_COLLECTIONS');
  const trace = { correlationId: context.correlationId, causationId: null };
  const aggregate = { type: 'Collection', id };
  const detail = { products: fields.productIds.length, byRule: fields.rule !== null };
  for (const slug of slugs) {
    const at = now();
    const collection = { ...fields, slug, createdAt: at, updatedAt: at };
    const event = newEvent('collection.changed', stateOf(collection), trace, at);
    const audit = auditorOf(context, { asStaff: true });
    const audited = audit({ action: 'createCollection', aggregate, version: 1, detail }, at);
    if (await store.collections.insert(collection, event, audited, at)) return collection;
  }
  refuse('SLUG_TAKEN', { field: ['slug'] });
}

/** Refuses what the catalog has never heard of, with its place in the list. */
export async function assertKnown(
  { store }: Pick<CatalogNeeds, 'store'>,
  productIds: readonly string[],
): Promise<void> {
  if (productIds.length === 0) return;
  const known = await store.shown.known(productIds);
  const unknown = productIds.findIndex((id) => !known.has(id));
  if (unknown !== -1) refuse('PRODUCT_NOT_FOUND', { field: ['productIds', String(unknown)] });
}

function derivedSlugs(title: string, id: string): string[] {
  const slug = slugOf(title, 'collection');
  return [
    ...Array.from({ length: NUMBERED_SLUGS }, (_, index) => nthSlug(slug, index + 1)),
    nthSlug(slug, id.slice(-12)),
  ];
}
