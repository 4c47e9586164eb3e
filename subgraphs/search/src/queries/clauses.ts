/** Filters as the engine takes them. */
import { facetKey } from '../domain/facet-token.ts';
import { type Filter, nameOfOption, type ValueField } from '../domain/filters.ts';

const KEY_FIELDS: Readonly<Record<string, string>> = {
  vendor: 'vendorKey',
  productType: 'typeKey',
  collection: 'collectionKeys',
  availability: 'availability',
};

export function clauseOf(filter: Filter): object {
  if (filter.field === 'price') {
    const { min, max } = filter;
    return { range: { priceMinor: { ...(min === null ? {} : { gte: min }), ...(max === null ? {} : { lte: max }) } } };
  }
  return valuesClause(filter.field, filter.values);
}

/** Any of these values of a facet. */
export function valuesClause(field: ValueField, values: readonly string[]): object {
  if (field === 'rating') return { range: { ratingAverage: { gte: Math.min(...values.map(Number)) } } };
  const key = KEY_FIELDS[field];
  if (key !== undefined) return { terms: { [key]: values } };
  return { terms: { optionKeys: values.map((value) => facetKey(nameOfOption(field), value)) } };
}

/** All must hold. */
export function allOf(filters: readonly Filter[]): object {
  return filters.length === 0 ? { match_all: {} } : { bool: { filter: filters.map(clauseOf) } };
}
