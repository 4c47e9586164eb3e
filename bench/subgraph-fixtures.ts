// The catalog's own resolvers over products in memory: what is left is the server. And what the router sends for two of the shop's pages.
import { ANONYMOUS, IDENTITY_HEADER, signIdentity } from '@ebuy/runtime';
import { readSubgraphSdl } from '@ebuy/schema';
import { createResolvers } from '../subgraphs/catalog/src/api/resolvers.ts';

const KEY = Buffer.alloc(32).toString('base64url');
const idOf = (number: number) => `0193b0c0-0000-7000-8000-${String(number).padStart(12, '0')}`;
const money = (amountMinor: number) => ({ amountMinor, currency: 'EUR' });
const NOW = '2026-11-23T16:20:00.000Z';

const products = [1, 2, 3, 4, 5, 6, 7, 8].map((number) => ({
  productId: idOf(number),
  status: 'PUBLISHED',
  slug: `product-${number}`,
  title: `Product ${number}`,
  descriptionHtml: `<p>${'words '.repeat(80)}</p>`,
  vendor: 'Acme',
  availability: 'IN_STOCK',
  priceRange: { min: money(1_000 + number), max: money(2_000 + number) },
  images: [0, 1, 2, 3].map((image) => ({
    url: `/media/${number}/${image}.webp`,
    altText: `Picture ${image}`,
    width: 800,
    height: 600,
  })),
  options: [{ name: 'Size', values: ['S', 'M', 'L'] }],
  variants: [0, 1, 2, 3, 4, 5].map((variant) => ({
    variantId: idOf(number * 10 + variant),
    sku: `SKU-${number}-${variant}`,
    title: `Size ${variant}`,
    selectedOptions: [{ name: 'Size', value: String(variant) }],
    price: money(1_000 + variant),
    compareAtPrice: variant % 2 === 0 ? null : money(1_500),
    availability: 'IN_STOCK',
    availableQuantity: 12,
  })),
  rating: { average: 4.2, count: 12, histogram: [1, 0, 2, 4, 5] },
  relatedProductIds: [2, 3, 4, 5].map(idOf),
  collections: [],
  createdAt: NOW,
  updatedAt: NOW,
}));

const shown = {
  findBySlug: async (slug: string) => products.find((product) => product.slug === slug) ?? null,
  findMany: async (ids: readonly string[]) => products.filter(({ productId }) => ids.includes(productId)),
  findByVariants: async (ids: readonly string[]) =>
    products.filter(({ variants }) => variants.some(({ variantId }) => ids.includes(variantId))),
};

type Needs = Parameters<typeof createResolvers>;

export const catalog = {
  name: 'catalog',
  typeDefs: readSubgraphSdl('catalog'),
  resolvers: createResolvers(
    { store: { shown, collections: {} }, now: () => new Date() } as unknown as Needs[0],
    {} as Needs[1],
  ),
  identityKeys: { router: KEY },
};

export const requests = {
  'product page': JSON.stringify({
    query:
      'query ProductPage__catalog__0($slug:String!){product(slug:$slug){__typename ...ProductCard rating{distribution{stars count}}descriptionHtml images{url altText width height}options{name values}variants{id sku title selectedOptions{name value}price{...Price}compareAtPrice{...Price}availability availableQuantity}related(first:4){...ProductCard}}}fragment Price on Money{amountMinor currency}fragment ProductCard on Product{id slug title vendor availability priceRange{min{...Price}max{...Price}}featuredImage{url altText width height}rating{average count}}',
    variables: { slug: 'product-1' },
    operationName: 'ProductPage__catalog__0',
  }),
  'five entities': JSON.stringify({
    query:
      'query Cart__catalog__1($representations:[_Any!]!){_entities(representations:$representations){...on Variant{sku title availability product{slug title featuredImage{url altText}}}}}',
    variables: { representations: [1, 2, 3, 4, 5].map((number) => ({ __typename: 'Variant', id: idOf(number * 10) })) },
    operationName: 'Cart__catalog__1',
  }),
};

/** As the router sends them; a signature counts for half a minute. */
export function headersFor(body: string): Record<string, string> {
  const request = { from: 'router', to: catalog.name, body, caller: ANONYMOUS, correlationId: 'bench' };
  return { 'content-type': 'application/json', [IDENTITY_HEADER]: signIdentity(request, { [catalog.name]: KEY }) };
}
