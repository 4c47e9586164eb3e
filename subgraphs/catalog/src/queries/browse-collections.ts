import { isSlug } from '@ebuy/kernel';
import type { Shown } from '../domain/catalog-product.ts';
import type { Collection } from '../domain/collection.ts';
import { collectionsCursor, membersCursor, type PlaceByTime, type PlaceInCollection } from '../domain/cursor.ts';
import type { CollectionStore } from '../store/collections.ts';
import type { Extent, ProductReads } from '../store/product-reads.ts';
import { assertPageSize, type Page, pageOf } from './page.ts';

export async function collectionBySlug(collections: CollectionStore, slug: string): Promise<Collection | null> {
  return isSlug(slug) ? collections.findBySlug(slug) : null;
}

export async function browseCollections(
  collections: CollectionStore,
  { first, after }: { readonly first: number; readonly after: string | null },
): Promise<Page<Collection>> {
  assertPageSize(first);
  const place = after === null ? null : collectionsCursor.read(after).id;
  return pageOf(await collections.list(place, first + 1), first, {
    hasPreviousPage: after !== null,
    cursorOf: collectionsCursor.of,
    count: () => collections.count(),
  });
}

interface Member {
  readonly product: Shown;
  readonly place: PlaceInCollection;
}

export interface BrowseMembers {
  readonly first: number;
  readonly after: string | null;
  readonly extent: Extent;
}

/** Those by hand in their order, then the others, the newest published first; on sale, each of them. */
export async function browseMembers(
  reads: ProductReads,
  collection: Collection,
  { first, after, extent }: BrowseMembers,
): Promise<Page<Shown>> {
  assertPageSize(first);
  const place = after === null ? null : membersCursor.read(collection.id, after);
  const members = place?.part === 'rest' ? [] : await membersByHand(reads, collection, place, first + 1, extent);
  if (members.length <= first) {
    const beyond = place?.part === 'rest' ? place : null;
    members.push(...(await otherMembers(reads, collection, beyond, first + 1 - members.length, extent)));
  }
  const page = pageOf(members, first, {
    hasPreviousPage: after !== null,
    cursorOf: (member) => membersCursor.of(collection.id, member.place),
    count: async () =>
      (collection.productIds.length === 0 ? 0 : await reads.countOnSale(collection.productIds)) +
      (await reads.countSorted(collection.id)),
  });
  return { ...page, nodes: page.nodes.map(({ product }) => product) };
}

async function membersByHand(
  reads: ProductReads,
  { productIds }: Collection,
  after: { readonly id: string; readonly index: number } | null,
  wanted: number,
  extent: Extent,
): Promise<Member[]> {
  const found: Member[] = [];
  for (let at = after === null ? 0 : indexAfter(productIds, after); at < productIds.length; at += wanted) {
    const ids = productIds.slice(at, at + wanted);
    const byId = new Map((await reads.findMany(ids, extent)).map((product) => [product.productId, product]));
    for (const [offset, id] of ids.entries()) {
      const product = byId.get(id);
      if (product?.status !== 'PUBLISHED') continue;
      found.push({ product, place: { part: 'hand', id, index: at + offset } });
      if (found.length === wanted) return found;
    }
  }
  return found;
}

/** After the product, wherever it stands now; one that was taken out left its place to the next. */
function indexAfter(productIds: readonly string[], { id, index }: { readonly id: string; readonly index: number }) {
  const now = productIds.indexOf(id);
  return now === -1 ? index : now + 1;
}

async function otherMembers(
  reads: ProductReads,
  { id, productIds }: Collection,
  after: PlaceByTime | null,
  wanted: number,
  extent: Extent,
): Promise<Member[]> {
  const byHand = new Set(productIds);
  const found: Member[] = [];
  for (let place = after; ; ) {
    const products = await reads.listSorted(id, place, wanted, extent);
    for (const product of products) {
      place = { at: product.publishedAt ?? '', id: product.productId };
      // Given a place by hand a moment ago, and not sorted out yet.
      if (byHand.has(product.productId)) continue;
      found.push({ product, place: { part: 'rest', ...place } });
      if (found.length === wanted) return found;
    }
    if (products.length < wanted) return found;
  }
}
