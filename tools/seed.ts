// `npm run seed`: brings the starter catalogue (seed/*.json) into a running shop, through the staff's own mutations. What is there is left alone.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { signIn, type Visitor, visit } from './demo/visitor.ts';
import { ROOT, STATE_DIR } from './repo/paths.ts';
import { ACCOUNTS } from './shop/accounts.ts';
import { readShopFile } from './shop/shop-file.ts';

const PAGE = 100;
/** Products written at the same time. */
const LANES = 4;

interface SeedProduct {
  readonly slug: string;
  readonly title: string;
  readonly [field: string]: unknown;
}

interface StaffPage {
  readonly staffProducts: {
    readonly nodes: readonly { readonly id: string; readonly slug: string; readonly status: string }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
}

interface Payload {
  readonly product: { readonly id: string } | null;
  readonly userErrors: readonly { readonly code: string; readonly message: string }[];
}

export interface SeedOutcome {
  readonly created: number;
  readonly published: number;
  readonly unchanged: number;
}

/** Reads every file under seed/: a list of products each, as createProduct takes them. */
export const readSeed = async (): Promise<SeedProduct[]> => {
  const folder = join(ROOT, 'seed');
  const files = (await readdir(folder)).filter((file) => file.endsWith('.json')).sort();
  const lists = await Promise.all(
    files.map(async (file) => JSON.parse(await readFile(join(folder, file), 'utf8')) as { products: SeedProduct[] }),
  );
  return lists.flatMap((list) => list.products);
};

/** Creates and publishes what the shop does not have yet, by slug. An interrupted run is taken up where it stopped. */
export const seedShop = async (urls: { readonly graph: string; readonly keycloak: string }): Promise<SeedOutcome> => {
  const merchandiser = visit(urls.graph, await signIn(urls.keycloak, ACCOUNTS.merchandiser));
  const known = await readKnown(merchandiser);
  const outcome = { created: 0, published: 0, unchanged: 0 };
  const queue = [...(await readSeed())];
  const lane = async (): Promise<void> => {
    for (let product = queue.shift(); product !== undefined; product = queue.shift()) {
      const before = known.get(product.slug);
      const id = before?.id ?? (await create(merchandiser, product));
      if (before === undefined) outcome.created += 1;
      if (before === undefined || before.status === 'DRAFT') {
        await publish(merchandiser, id, product.slug);
        outcome.published += 1;
      } else outcome.unchanged += 1;
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return outcome;
};

const readKnown = async (merchandiser: Visitor): Promise<Map<string, { id: string; status: string }>> => {
  const known = new Map<string, { id: string; status: string }>();
  const query = `query SeededProducts($first: Int!, $after: String) {
    staffProducts(first: $first, after: $after) { nodes { id slug status } pageInfo { hasNextPage endCursor } }
  }`;
  for (let after: string | null = null; ; ) {
    const { staffProducts }: StaffPage = await merchandiser.get<StaffPage>(query, { first: PAGE, after });
    for (const { id, slug, status } of staffProducts.nodes) known.set(slug, { id, status });
    if (!staffProducts.pageInfo.hasNextPage) return known;
    after = staffProducts.pageInfo.endCursor;
  }
};

const create = async (merchandiser: Visitor, product: SeedProduct): Promise<string> => {
  const mutation = `mutation SeedProduct($input: CreateProductInput!) {
    createProduct(input: $input) { product { id } userErrors { code message } }
  }`;
  const input = { ...product, idempotencyKey: `seed-${product.slug}` };
  const { createProduct } = await merchandiser.get<{ createProduct: Payload }>(mutation, { input });
  return idOf(createProduct, product.slug);
};

const publish = async (merchandiser: Visitor, productId: string, slug: string): Promise<void> => {
  const mutation = `mutation PublishSeed($input: PublishProductInput!) {
    publishProduct(input: $input) { product { id } userErrors { code message } }
  }`;
  const variables = { input: { productId } };
  const { publishProduct } = await merchandiser.get<{ publishProduct: Payload }>(mutation, variables);
  idOf(publishProduct, slug);
};

const idOf = ({ product, userErrors }: Payload, slug: string): string => {
  if (product !== null && userErrors.length === 0) return product.id;
  throw new Error(`${slug} was refused: ${userErrors.map(({ code, message }) => `${code} ${message}`).join('; ')}`);
};

if (import.meta.main) {
  const shop = await readShopFile(STATE_DIR);
  if (shop === null) {
    console.error('No shop runs here. Start one: npm start');
    process.exit(1);
  }
  const { created, published, unchanged } = await seedShop(shop.urls);
  console.log(`${created} products created, ${published} published, ${unchanged} were there already`);
}
