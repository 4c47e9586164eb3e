import { setTimeout as sleep } from 'node:timers/promises';
import { newEvent } from '@ebuy/events';
import { Fault, isId } from '@ebuy/kernel';
import { type AuditSource, auditorOf } from '@ebuy/runtime';
import { type Collection, stateOf } from '../domain/collection.ts';
import {
  type CollectionFields,
  soundDescription,
  soundProductIds,
  soundRule,
  soundTitle,
} from '../domain/collection-input.ts';
import { same } from '../domain/same.ts';
import { refuse } from '../refusals.ts';
import type { CollectionChange } from '../store/collections.ts';
import { assertKnown } from './create-collection.ts';
import type { CatalogNeeds } from './needs.ts';

const MAX_TRIES = 20;

export interface UpdateCollection extends CollectionFields {
  readonly collectionId: string;
  readonly expectedVersion?: number | null | undefined;
}

/** What is not given stays; the same values again change nothing. */
export async function updateCollection(
  needs: Pick<CatalogNeeds, 'store' | 'now'>,
  context: AuditSource,
  input: UpdateCollection,
): Promise<Collection> {
  const { store, now } = needs;
  const wanted = changeOf(input);
  const audit = auditorOf(context, { asStaff: true });
  const trace = { correlationId: context.correlationId, causationId: null };
  for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
    const collection = await find(needs, input.collectionId);
    if (typeof input.expectedVersion === 'number' && input.expectedVersion !== collection.version) {
      refuse('VERSION_CONFLICT', { field: ['expectedVersion'], current: collection });
    }
    const change = Object.fromEntries(
      Object.entries(wanted).filter(([name, value]) => !same(value, collection[name as keyof CollectionChange])),
    ) as CollectionChange;
    if (Object.keys(change).length === 0) return collection;
    const added = change.productIds?.filter((id) => !collection.productIds.includes(id)) ?? [];
    if (added.length > 0) await assertKnown(needs, change.productIds ?? []);
    const at = now();
    const next = { ...collection, ...change, version: collection.version + 1, updatedAt: at };
    const event = newEvent('collection.changed', stateOf(next), trace, at);
    const aggregate = { type: 'Collection', id: next.id };
    const detail = { changed: Object.keys(change) };
    const audited = audit({ action: 'updateCollection', aggregate, version: next.version, detail }, at);
    const written = await store.collections.change(collection, change, event, audited, at);
    if (written !== null) return written;
    await sleep(Math.random() * 2 * tries);
  }
  throw new Fault('A collection changed faster than it could be changed', { retryable: true });
}

async function find({ store }: Pick<CatalogNeeds, 'store'>, id: string): Promise<Collection> {
  const [found] = isId(id) ? await store.collections.findMany([id.toLowerCase()]) : [];
  return found ?? refuse('COLLECTION_NOT_FOUND', { field: ['collectionId'] });
}

function changeOf({ title, description, productIds, rule }: UpdateCollection): CollectionChange {
  return {
    ...(title === undefined ? {} : { title: soundTitle(title) }),
    ...(description === undefined ? {} : { description: soundDescription(description) }),
    ...(productIds === undefined ? {} : { productIds: soundProductIds(productIds) }),
    ...(rule === undefined ? {} : { rule: soundRule(rule) }),
  };
}
