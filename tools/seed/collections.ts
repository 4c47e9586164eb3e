// The catalogue's collections (seed/collections.json) into a shop, through the staff's mutation. Those that are there are left alone.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Visitor } from '../demo/visitor.ts';
import { ROOT } from '../repo/paths.ts';
import type { KnownProducts } from './catalogue.ts';

const PATIENCE_MS = 60_000;
const LOOK_AGAIN_MS = 250;

interface SeedCollection {
  readonly slug: string;
  readonly title: string;
  readonly description?: string;
  /** Slugs of products, in their order. */
  readonly handles?: readonly string[];
  readonly rule?: Readonly<Record<string, unknown>>;
}

const LIST = 'query SeededCollections { collections(first: 100) { nodes { slug } } }';
const CREATE = `mutation SeedCollection($input: CreateCollectionInput!) {
  createCollection(input: $input) { collection { id } userErrors { code message } }
}`;

/** Returns how many were made. */
export async function seedCollections(merchandiser: Visitor, products: KnownProducts): Promise<number> {
  const text = await readFile(join(ROOT, 'seed', 'collections.json'), 'utf8');
  const { collections: wanted } = JSON.parse(text) as { collections: SeedCollection[] };
  const { collections } = await merchandiser.get<{ collections: { nodes: { slug: string }[] } }>(LIST);
  const there = new Set(collections.nodes.map(({ slug }) => slug));
  const missing = wanted.filter(({ slug }) => !there.has(slug));
  // One after the other: they are shown in the order in which they were made.
  for (const { handles, ...collection } of missing) {
    const productIds = handles?.flatMap((handle) => products.get(handle) ?? []);
    await create(merchandiser, { ...collection, ...(productIds === undefined ? {} : { productIds }) });
  }
  return missing.length;
}

interface Payload {
  readonly collection: object | null;
  readonly userErrors: readonly { readonly code: string; readonly message: string }[];
}

/** The catalog learns of new products from their events: one that it does not know yet is waited for. */
async function create(merchandiser: Visitor, input: { readonly slug: string }): Promise<void> {
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    const { createCollection } = await merchandiser.get<{ createCollection: Payload }>(CREATE, { input });
    const { collection, userErrors } = createCollection;
    if (collection !== null) return;
    if (!userErrors.some(({ code }) => code === 'PRODUCT_NOT_FOUND') || performance.now() > until) {
      const reasons = userErrors.map(({ code, message }) => `${code} ${message}`).join('; ');
      throw new Error(`The collection ${input.slug} was refused: ${reasons}`);
    }
    await delay(LOOK_AGAIN_MS);
  }
}
