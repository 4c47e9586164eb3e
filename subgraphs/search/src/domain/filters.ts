/** What a shopper narrows results by, checked: what is left over is sound. */
import { refusal } from '../refusals.ts';
import { facetKey } from './facet-token.ts';

export const OPTION_PREFIX = 'option.';
const MAX_FILTERS = 20;
const MAX_VALUES = 100;
const MAX_VALUE_CHARACTERS = 300;
const MAX_FIELD_CHARACTERS = 300;
const VALUE_FIELDS = ['vendor', 'productType', 'collection', 'rating', 'availability'] as const;
export const STARS = ['4', '3', '2', '1'] as const;
export const AVAILABILITIES = ['IN_STOCK', 'LOW_STOCK', 'OUT_OF_STOCK'] as const;

export type ValueField = (typeof VALUE_FIELDS)[number] | `option.${string}`;

/** As the graph has it. */
export interface FilterInput {
  readonly field: string;
  readonly values?: readonly string[] | null | undefined;
  readonly min?: number | null | undefined;
  readonly max?: number | null | undefined;
}

export interface ValueFilter {
  readonly field: ValueField;
  /** As facets have them (see facet-token.ts), each once; at least one. Of an option without its name. */
  readonly values: readonly string[];
}

export interface PriceFilter {
  readonly field: 'price';
  readonly min: number | null;
  readonly max: number | null;
}

export type Filter = ValueFilter | PriceFilter;

/** Sorted, so that the same filters in another order are the same question. A filter that says nothing is left out. */
export function readFilters(inputs: readonly FilterInput[]): Filter[] {
  if (inputs.length > MAX_FILTERS) throw wrong(`At most ${MAX_FILTERS} filters.`, []);
  const filters = inputs.map((input, index) => readFilter(input, ['filters', String(index)]));
  const names = filters.map(({ field }) => field);
  const twice = names.findIndex((name, index) => names.indexOf(name) !== index);
  if (twice >= 0) {
    throw wrong('Each field may be filtered once: put all its values into one filter.', ['filters', String(twice)]);
  }
  return filters
    .filter((filter) => (filter.field === 'price' ? filter.min !== null || filter.max !== null : filter.values.length))
    .sort((a, b) => (a.field < b.field ? -1 : 1));
}

function readFilter({ field, values, min, max }: FilterInput, at: readonly string[]): Filter {
  if (field === 'price') {
    if (values?.length) throw wrong('A price is filtered by min and max.', [...at, 'values']);
    return readPrice(min ?? null, max ?? null, at);
  }
  if (min != null || max != null) throw wrong('Only a price has min and max. Use values.', at);
  const given = values ?? [];
  if (given.length > MAX_VALUES) throw wrong(`At most ${MAX_VALUES} values a filter.`, [...at, 'values']);
  if (given.some((value) => value.length > MAX_VALUE_CHARACTERS)) {
    throw wrong(`A value has at most ${MAX_VALUE_CHARACTERS} characters.`, [...at, 'values']);
  }
  return {
    field: readField(field, at),
    values: [...new Set(given.map((value) => readValue(field, value, at)))].sort(),
  };
}

function readPrice(min: number | null, max: number | null, at: readonly string[]): PriceFilter {
  if (min !== null && max !== null && min > max) throw wrong('The least price is above the most.', at);
  return { field: 'price', min, max };
}

function readField(field: string, at: readonly string[]): ValueField {
  const known = VALUE_FIELDS.find((name) => name === field);
  if (known) return known;
  const option = field.startsWith(OPTION_PREFIX) && field.length <= MAX_FIELD_CHARACTERS ? nameOfOption(field) : '';
  if (option !== '') return `${OPTION_PREFIX}${option}`;
  const fields = [...VALUE_FIELDS, 'price', 'option.NAME'].join(', ');
  throw wrong(`There is no such facet. Filter by ${fields}.`, [...at, 'field']);
}

/** `option.Size` and `option.size` are one. */
export function nameOfOption(field: string): string {
  return facetKey(field.slice(OPTION_PREFIX.length));
}

function readValue(field: string, value: string, at: readonly string[]): string {
  if (field === 'rating') {
    const stars = STARS.find((one) => one === value.trim());
    if (stars === undefined) throw wrong('Ratings are filtered by 4, 3, 2 or 1: so many stars and more.', at);
    return stars;
  }
  if (field === 'availability') {
    const known = AVAILABILITIES.find((one) => one === value.trim().toUpperCase());
    if (known === undefined) throw wrong(`Availability is one of ${AVAILABILITIES.join(', ')}.`, at);
    return known;
  }
  return facetKey(value);
}

const wrong = (message: string, field: readonly string[]) => refusal('BAD_USER_INPUT', { message, field });
