// `npm run seed`: brings the catalogue (seed/) into a running shop: products through the import that staff use, collections through their
// mutation, reviews through the reviews service's own command. What is there is left alone, so it may be run again at any time.
import { signIn, visit } from './demo/visitor.ts';
import { STATE_DIR } from './repo/paths.ts';
import { knownProducts, seedCatalogue } from './seed/catalogue.ts';
import { seedCollections } from './seed/collections.ts';
import { seedReviews } from './seed/reviews.ts';
import { ACCOUNTS } from './shop/accounts.ts';
import { readShopFile, type ShopUrls } from './shop/shop-file.ts';
import { seconds } from './terminal/progress.ts';

export interface SeedOutcome {
  /** Products that were made, and all that there are. */
  readonly created: number;
  readonly products: number;
  readonly collections: number;
  readonly reviews: number;
}

export interface SeedAddresses {
  readonly urls: Pick<ShopUrls, 'graph' | 'keycloak'>;
  readonly mongodbUrl: string;
  /** Of the shop's databases; empty as a rule. */
  readonly namespace?: string;
}

export interface SeedOptions {
  /** Told of each step that did something. */
  readonly onStep?: (message: string) => void;
}

/** An interrupted run is taken up where it stopped. */
export const seedShop = async (
  shop: SeedAddresses,
  { onStep = () => undefined }: SeedOptions = {},
): Promise<SeedOutcome> => {
  const token = await signIn(shop.urls.keycloak, ACCOUNTS.merchandiser);
  const visitor = visit(shop.urls.graph, token);
  const door = { visitor, graph: shop.urls.graph, token };
  const before = await knownProducts(visitor);
  const created = await seedCatalogue(door, before, (file) => onStep(`imported ${file}`));
  const products = created === 0 ? before : await knownProducts(visitor);
  const [collections, reviews] = await Promise.all([
    seedCollections(visitor, products),
    seedReviews({ visitor, products, mongodbUrl: shop.mongodbUrl, namespace: shop.namespace ?? '' }),
  ]);
  if (collections > 0) onStep(`made ${collections} collections`);
  if (reviews > 0) onStep(`posted ${reviews} reviews`);
  return { created, products: products.size, collections, reviews };
};

if (import.meta.main) {
  const shop = await readShopFile(STATE_DIR);
  const mongodb = shop?.engines.find(({ name }) => name === 'mongodb');
  if (shop === null || mongodb === undefined) {
    console.error('No shop runs here. Start one: npm start');
    process.exit(1);
  }
  const from = performance.now();
  const outcome = await seedShop({ urls: shop.urls, mongodbUrl: mongodb.url }, { onStep: console.log });
  const { created, products, collections, reviews } = outcome;
  console.log(
    `${created} of ${products} products, ${collections} collections and ${reviews} reviews were new, in ${seconds(performance.now() - from)}`,
  );
}
