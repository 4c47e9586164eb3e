/** What people call values that were chosen and that no result has: asked of the whole index, for there the counts bring no label. */
import { readToken, tokensOf } from '../domain/facet-token.ts';
import { nameOfOption, OPTION_PREFIX } from '../domain/filters.ts';
import type { IndexReader } from '../store/reader.ts';
import { type Aggregation, type Facet, type FacetValue, TOKEN_FIELDS } from './facets.ts';

/** More than a shopper ticks; what is beyond shows its value. */
const MAX_LOOKUPS = 50;

interface Lookup {
  readonly facet: Facet;
  readonly value: FacetValue;
}

export async function withLabels(reader: IndexReader, facets: readonly Facet[]): Promise<Facet[]> {
  const unknown = facets.flatMap((facet) => (isNamed(facet) ? unlabelled(facet) : [])).slice(0, MAX_LOOKUPS);
  if (unknown.length === 0) return [...facets];
  const { aggregations } = await reader.search<{ aggregations: Record<string, Aggregation> }>(
    { size: 0, aggs: Object.fromEntries(unknown.map((lookup, position) => [String(position), asking(lookup)])) },
    { request_cache: true },
  );
  const names = new Map<Facet | FacetValue, string>();
  unknown.forEach(({ facet, value }, position) => {
    const buckets = aggregations[String(position)]?.buckets;
    const token = Array.isArray(buckets) ? (buckets[0] as { key: string } | undefined)?.key : undefined;
    if (token === undefined) return;
    const parts = readToken(token);
    names.set(value, parts.at(-1) ?? value.value);
    if (isOption(facet)) names.set(facet, parts.at(-2) ?? facet.label);
  });
  return facets.map((facet) => {
    const values = facet.values.map((value) => ({ ...value, label: names.get(value) ?? value.label }));
    const name = names.get(facet);
    return name === undefined
      ? { ...facet, values }
      : { ...facet, values, label: name, field: `${OPTION_PREFIX}${name}` };
  });
}

const isOption = ({ field }: Facet) => field.startsWith(OPTION_PREFIX);
const isNamed = (facet: Facet) => facet.field in TOKEN_FIELDS || isOption(facet);
const unlabelled = (facet: Facet): Lookup[] =>
  facet.values
    .filter(({ selected, count, label, value }) => selected && count === 0 && label === value)
    .map((value) => ({ facet, value }));

function asking({ facet, value }: Lookup): object {
  const field = isOption(facet) ? 'optionFacets' : TOKEN_FIELDS[facet.field as keyof typeof TOKEN_FIELDS];
  const parts = isOption(facet) ? [nameOfOption(facet.field), value.value] : [value.value];
  return { terms: { field, include: tokensOf(...parts), size: 1 } };
}
