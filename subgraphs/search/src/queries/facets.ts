/**
 * Facets under multi-select: the counts of a facet hold all filters but its own, so that each says how many results there would be with
 * that value, too. All come from the request that brings the hits, whose filters are a `post_filter` for that reason.
 */
import { readToken, tokensOf } from '../domain/facet-token.ts';
import {
  AVAILABILITIES,
  type Filter,
  nameOfOption,
  OPTION_PREFIX,
  STARS,
  type ValueFilter,
} from '../domain/filters.ts';
import { allOf, valuesClause } from './clauses.ts';

const MAX_VALUES = 50;
/** Spellings of one value count apart and are put together here: room for some. */
const MAX_TOKENS = 75;
/** All options together share one count. */
const MAX_OPTION_TOKENS = 1_000;
const MAX_OPTIONS = 12;
const OPEN = 'open';

export interface FacetValue {
  readonly value: string;
  readonly label: string;
  readonly count: number;
  readonly selected: boolean;
}

export interface Facet {
  readonly field: string;
  readonly label: string;
  readonly values: readonly FacetValue[];
  readonly min: number | null;
  readonly max: number | null;
}

interface Bucket {
  readonly key: string;
  readonly doc_count: number;
}

/** As the engine answers; which parts are there depends on what was asked. */
export interface Aggregation {
  readonly doc_count?: number;
  readonly value?: number | null;
  readonly buckets?: readonly Bucket[] | Readonly<Record<string, { readonly doc_count: number }>>;
  readonly [name: string]: unknown;
}

export type Aggregations = Readonly<Record<string, Aggregation>>;

export const TOKEN_FIELDS = {
  vendor: 'vendorFacet',
  productType: 'typeFacet',
  collection: 'collectionFacets',
} as const;
type TokenField = keyof typeof TOKEN_FIELDS;
const isTokenField = (field: string): field is TokenField => field in TOKEN_FIELDS;

const LABELS: Readonly<Record<string, string>> = {
  vendor: 'Brand',
  productType: 'Type',
  collection: 'Collection',
  price: 'Price',
  rating: 'Rating',
  availability: 'Availability',
};
const AVAILABILITY_LABELS = { IN_STOCK: 'In stock', LOW_STOCK: 'Only a few left', OUT_OF_STOCK: 'Sold out' } as const;
const FIXED = ['vendor', 'productType', 'collection', 'price', 'rating', 'availability'] as const;

/** What to count for one facet, whatever the filters. */
function counting(field: string): Record<string, object> {
  if (isTokenField(field)) return { [field]: { terms: { field: TOKEN_FIELDS[field], size: MAX_TOKENS } } };
  switch (field) {
    case 'price':
      return { least: { min: { field: 'priceMinor' } }, most: { max: { field: 'priceMinor' } } };
    case 'rating':
      return {
        rating: { range: { field: 'ratingAverage', ranges: STARS.map((key) => ({ key, from: Number(key) })) } },
      };
    case 'availability':
      return { availability: { terms: { field: 'availability', size: AVAILABILITIES.length } } };
    default: {
      const include = tokensOf(nameOfOption(field));
      return { option: { terms: { field: 'optionFacets', size: MAX_TOKENS, include } } };
    }
  }
}

/** Facets that nothing is chosen of share one filter; each of the others has its own. */
export function facetAggregations(filters: readonly Filter[]): Record<string, object> {
  const chosen = new Set<string>(filters.map(({ field }) => field));
  const open = Object.assign({}, ...FIXED.filter((field) => !chosen.has(field)).map(counting)) as object;
  const options = { options: { terms: { field: 'optionFacets', size: MAX_OPTION_TOKENS } } };
  const own = filters.map((filter, index) => {
    const others = filters.filter((one) => one !== filter);
    const exact = filter.field === 'price' ? {} : { chosen: { filters: { filters: clausesOf(filter) } } };
    return [`own${index}`, { filter: allOf(others), aggs: { ...counting(filter.field), ...exact } }];
  });
  return { [OPEN]: { filter: allOf(filters), aggs: { ...open, ...options } }, ...Object.fromEntries(own) };
}

/** Chosen values are counted one by one: they may not be among the most frequent. */
function clausesOf({ field, values }: ValueFilter): Record<string, object> {
  return Object.fromEntries(values.map((value, index) => [String(index), valuesClause(field, [value])]));
}

export function readFacets(filters: readonly Filter[], aggregations: Aggregations): Facet[] {
  const partOf = (field: string) => {
    const index = filters.findIndex((filter) => filter.field === field);
    return { filter: filters[index], part: (aggregations[index < 0 ? OPEN : `own${index}`] ?? {}) as Aggregations };
  };
  const fixed = FIXED.map((field) => {
    const { filter, part } = partOf(field);
    if (field === 'price') return priceFacet(part);
    return valueFacet(field, LABELS[field] ?? field, countsOf(field, part), filter, part);
  });
  const own = filters.flatMap((filter) => {
    if (!filter.field.startsWith(OPTION_PREFIX)) return [];
    const { part } = partOf(filter.field);
    const counts = bucketsOf(part.option).map(readOption);
    const name = counts[0]?.name ?? nameOfOption(filter.field);
    return [{ ...valueFacet(filter.field, name, counts, filter, part), field: `${OPTION_PREFIX}${name}` }];
  });
  const taken = new Set(filters.map(({ field }) => field));
  const open = optionFacets((aggregations[OPEN] ?? {}) as Aggregations, (key) => taken.has(`${OPTION_PREFIX}${key}`));
  return [...fixed, ...own, ...open.slice(0, Math.max(0, MAX_OPTIONS - own.length))].filter(
    ({ values, min }) => values.length > 0 || min !== null,
  );
}

interface Count {
  readonly value: string;
  readonly label: string;
  readonly count: number;
}

function bucketsOf(aggregation: Aggregation | undefined): readonly Bucket[] {
  return Array.isArray(aggregation?.buckets) ? (aggregation.buckets as Bucket[]) : [];
}

function countsOf(field: (typeof FIXED)[number], part: Aggregations): Count[] {
  return bucketsOf(part[field]).map(({ key, doc_count: count }) => {
    if (field === 'rating') return { value: key, label: starsLabel(key), count };
    if (field === 'availability') return { value: key, label: labelOf(field, key), count };
    const [value = '', label = value] = readToken(key);
    return { value, label, count };
  });
}

function readOption({ key, doc_count: count }: Bucket) {
  const [name = '', value = '', label = name, valueLabel = value] = readToken(key);
  return { key: name, name: label, value, label: valueLabel, count };
}

/** The options of all results, those that most of them have first. */
function optionFacets(part: Aggregations, isTaken: (key: string) => boolean): Facet[] {
  const groups = new Map<string, ReturnType<typeof readOption>[]>();
  for (const one of bucketsOf(part.options).map(readOption)) {
    groups.set(one.key, [...(groups.get(one.key) ?? []), one]);
  }
  const total = (group: readonly Count[]) => group.reduce((sum, { count }) => sum + count, 0);
  return [...groups]
    .filter(([key]) => !isTaken(key))
    .sort(([a, one], [b, other]) => total(other) - total(one) || (a < b ? -1 : 1))
    .map(([key, group]) => {
      const name = group[0]?.name ?? key;
      return valueFacet(`${OPTION_PREFIX}${name}`, name, group, undefined, part);
    });
}

function valueFacet(
  field: string,
  label: string,
  counts: readonly Count[],
  filter: Filter | undefined,
  part: Aggregations,
): Facet {
  const merged = new Map<string, Count>();
  for (const one of counts) {
    const before = merged.get(one.value);
    merged.set(one.value, before ? { ...before, count: before.count + one.count } : one);
  }
  const chosenValues = filter && filter.field !== 'price' ? filter.values : [];
  const exact = (part.chosen?.buckets ?? {}) as Readonly<Record<string, { readonly doc_count: number }>>;
  const chosen = chosenValues.map((value, index) => ({
    value,
    label: merged.get(value)?.label ?? labelOf(field, value),
    count: exact[String(index)]?.doc_count ?? 0,
    selected: true,
  }));
  const others = [...merged.values()]
    .filter(({ value, count }) => count > 0 && !chosenValues.includes(value))
    .map((one) => ({ value: one.value, label: one.label, count: one.count, selected: false }));
  const byCount = (a: Count, b: Count) => b.count - a.count || (a.label < b.label ? -1 : 1);
  const inOrder = field === 'rating' ? (a: Count, b: Count) => Number(b.value) - Number(a.value) : byCount;
  const values = [...chosen.sort(inOrder), ...others.sort(inOrder)].slice(0, Math.max(MAX_VALUES, chosen.length));
  return { field, label, values: field === 'rating' ? values.sort(inOrder) : values, min: null, max: null };
}

function priceFacet(part: Aggregations): Facet {
  const amount = (name: string) => part[name]?.value ?? null;
  return { field: 'price', label: 'Price', values: [], min: amount('least'), max: amount('most') };
}

/** For a value that no result has: what is known of it without one. */
function labelOf(field: string, value: string): string {
  if (field === 'rating') return starsLabel(value);
  if (field === 'availability') return AVAILABILITY_LABELS[value as keyof typeof AVAILABILITY_LABELS] ?? value;
  return value;
}

const starsLabel = (stars: string) => `${stars} star${stars === '1' ? '' : 's'} and more`;
