// The catalogue's reviews (seed/reviews.ndjson) into a shop, through the reviews service's own command. Those that are there are left alone.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Visitor } from '../demo/visitor.ts';
import { ROOT } from '../repo/paths.ts';
import { storeUrl } from '../shop/databases.ts';
import type { KnownProducts } from './catalogue.ts';

const DEADLINE_MS = 120_000;

interface SeedReview {
  /** Its product's slug. */
  readonly product: string;
  readonly [field: string]: unknown;
}

interface Told {
  readonly added?: number;
  readonly reason?: string;
  readonly line?: number;
}

export interface ReviewsWish {
  readonly visitor: Visitor;
  readonly products: KnownProducts;
  readonly mongodbUrl: string;
  readonly namespace: string;
}

/** Returns how many were posted. */
export async function seedReviews({ visitor, products, ...store }: ReviewsWish): Promise<number> {
  const text = await readFile(join(ROOT, 'seed', 'reviews.ndjson'), 'utf8');
  const reviews = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as SeedReview);
  if (await areThere(visitor, reviews)) return 0;
  const lines = reviews.flatMap(({ product, ...review }) => {
    const productId = products.get(product);
    return productId === undefined ? [] : [`${JSON.stringify({ productId, ...review })}\n`];
  });
  const folder = await mkdtemp(join(tmpdir(), 'ebuy-reviews-'));
  try {
    const file = join(folder, 'reviews.ndjson');
    await writeFile(file, lines.join(''));
    return await runSeed(file, store);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Whether every product has at least as many reviews as the file: an interrupted run left one with fewer. */
async function areThere(visitor: Visitor, reviews: readonly SeedReview[]): Promise<boolean> {
  const missing = new Map(
    [...Map.groupBy(reviews, ({ product }) => product)].map(([slug, list]) => [slug, list.length]),
  );
  const query = `query SeededReviews($after: String) {
    products(first: 100, after: $after) { nodes { slug rating { count } } pageInfo { hasNextPage endCursor } }
  }`;
  for (let after: string | null = null; ; ) {
    const { products }: ProductPage = await visitor.get<ProductPage>(query, { after });
    for (const { slug, rating } of products.nodes) if (rating.count >= (missing.get(slug) ?? 0)) missing.delete(slug);
    if (missing.size === 0 || !products.pageInfo.hasNextPage) return missing.size === 0;
    after = products.pageInfo.endCursor;
  }
}

interface ProductPage {
  readonly products: {
    readonly nodes: readonly { readonly slug: string; readonly rating: { readonly count: number } }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
}

/** The command with the service's own store; its events leave through the running service. */
async function runSeed(
  file: string,
  { mongodbUrl, namespace }: Pick<ReviewsWish, 'mongodbUrl' | 'namespace'>,
): Promise<number> {
  const addresses = { postgresql: 'postgresql://none', mongodb: mongodbUrl, namespace, passwordOf: () => '' };
  const command = spawn(process.execPath, [join(ROOT, 'subgraphs', 'reviews', 'src', 'seed.ts'), file], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, MONGODB_URL: storeUrl('reviews', addresses) ?? '' },
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: DEADLINE_MS,
  });
  const ended = new Promise<number | null>((resolve, reject) => command.once('error', reject).once('close', resolve));
  let added = 0;
  let refused = '';
  for await (const line of createInterface({ input: command.stdout })) {
    const told = read(line);
    if (told.reason !== undefined) refused ||= `line ${told.line}: ${told.reason}`;
    if (told.added === undefined) continue;
    added = told.added;
  }
  const code = await ended;
  if (code !== 0) throw new Error(`The reviews were not seeded (exit ${code ?? 'by a signal'}). ${refused}`.trim());
  return added;
}

function read(line: string): Told {
  try {
    return JSON.parse(line) as Told;
  } catch {
    return {};
  }
}
