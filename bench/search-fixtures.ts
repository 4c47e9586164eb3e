// Invented products for bench/search.ts, and what is searched among them.
import { type DomainEvent, newEvent } from '@ebuy/events';
import { newId } from '@ebuy/kernel';
import { readFilters } from '../subgraphs/search/src/domain/filters.ts';
import { allOf } from '../subgraphs/search/src/queries/clauses.ts';
import { facetAggregations } from '../subgraphs/search/src/queries/facets.ts';
import { HIGHLIGHT } from '../subgraphs/search/src/queries/highlights.ts';
import { ranked } from '../subgraphs/search/src/relevance/text-query.ts';

export const WORDS =
  'mug lamp kettle tent daypack sweater shirt skillet board knife notebook pencil radio speaker headphone watch boot scarf umbrella puzzle kite bottle candle vase chair'.split(
    ' ',
  );
const QUALITIES =
  'blue oak brass linen stoneware walnut copper folding wireless travel merino enamel glass paper leather'.split(' ');
const MAKERS = Array.from({ length: 40 }, (_, index) => `Maker No. ${index + 1}`);
const COLLECTIONS = Array.from({ length: 12 }, (_, index) => ({
  collectionId: newId(),
  slug: `collection-${index}`,
  title: `Collection ${index}`,
}));
const pick = <Value>(values: readonly Value[], index: number): Value => values[index % values.length] as Value;

/** The same for the same number, but for ids and times. */
export function inventedProduct(number: number, title?: string): DomainEvent {
  const [word, quality, second] = [pick(WORDS, number), pick(QUALITIES, number * 7), pick(QUALITIES, number * 3 + 5)];
  const price = { amountMinor: 500 + ((number * 137) % 30_000), currency: 'USD' };
  const availability = number % 9 === 0 ? ('OUT_OF_STOCK' as const) : ('IN_STOCK' as const);
  const name = title ?? `${quality} ${second} ${word} ${number}`;
  const productId = newId();
  const at = new Date(Date.UTC(2026, 0, 1) + number * 60_000).toISOString();
  const colours = ['Slate', 'Oat', 'Moss', 'Rust', 'Ink'].slice(0, 1 + (number % 4));
  const sentences = Array.from(
    { length: 8 },
    (_, index) => `A ${pick(QUALITIES, number + index)} ${pick(WORDS, number * 5 + index)} for long use.`,
  );
  return newEvent(
    'catalogProduct.changed',
    {
      productId,
      version: Date.now(),
      status: 'PUBLISHED',
      slug: `product-${productId}`,
      title: name,
      descriptionHtml: `<p>${sentences.join(' ')}</p>`,
      vendor: pick(MAKERS, number * 11),
      productType: word,
      tags: [quality, second],
      options: [{ name: 'Colour', values: colours }],
      variants: colours.map((value, index) => ({
        variantId: newId(),
        sku: `SKU-${productId.slice(-12)}-${index}`,
        title: value,
        selectedOptions: [{ name: 'Colour', value }],
        price,
        compareAtPrice: null,
        availability,
        availableQuantity: 7,
      })),
      images: [{ url: `/pictures/${number}.webp`, altText: name, width: 800, height: 800 }],
      createdAt: at,
      updatedAt: at,
      publishedAt: at,
      withdrawnAt: null,
      collections: [pick(COLLECTIONS, number), pick(COLLECTIONS, number * 5 + 1)].filter(
        (one, index, all) => all.indexOf(one) === index,
      ),
      availability,
      priceRange: { min: price, max: price },
      rating: {
        average: Math.min(3 + (number % 5) / 2, 5),
        count: number % 30,
        histogram: [0, 0, 0, number % 30, 0],
      },
      unitsSold: (number * 31) % 900,
      relatedProductIds: [],
    },
    { correlationId: 'bench', causationId: null },
  );
}

export const QUERIES = [
  'blue mug',
  'oak lamp',
  'kettle',
  'merino sweater travel',
  'folding umbrella',
  '',
  'wireless speaker',
  'walnut board',
];
export const FILTERS = [
  [],
  [{ field: 'availability', values: ['IN_STOCK'] }],
  [
    { field: 'option.Colour', values: ['Slate', 'Oat'] },
    { field: 'price', max: 20_000 },
  ],
];

export const SEARCH = `query Search($query: String!, $filters: [SearchFilterInput!], $first: Int!) {
  searchProducts(query: $query, filters: $filters, first: $first) {
    totalCount didYouMean
    facets { field label values { value label count selected } }
    edges { cursor score highlights { field fragments } node {
      __typename id slug title vendor availability priceRange { min { amountMinor currency } max { amountMinor currency } }
      featuredImage { url altText width height } rating { average count }
    } }
    pageInfo { hasNextPage endCursor }
  }
}`;

/** What the service asks of the engine, without its point in time. */
export function rawSearch(asked: { query: string; filters: (typeof FILTERS)[number]; first: number }) {
  const { query, filters, first } = asked;
  const read = readFilters(filters as never);
  return {
    size: first + 1,
    query: ranked(query, 'typed'),
    ...(read.length ? { post_filter: allOf(read) } : {}),
    aggs: facetAggregations(read),
    sort: [{ _score: 'desc' }, { id: 'asc' }],
    track_total_hits: true,
    _source: ['card'],
    ...(query === '' ? {} : { highlight: HIGHLIGHT }),
  };
}
