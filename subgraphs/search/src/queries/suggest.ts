/** What to offer while the shopper types: one request to the engine. */
import type { Card } from '../domain/card.ts';
import { readToken } from '../domain/facet-token.ts';
import { cleanText, MAX_PREFIX_CHARACTERS, wordsOf } from '../domain/words.ts';
import { refusal } from '../refusals.ts';
import { begunQuery } from '../relevance/text-query.ts';
import { type Aggregations, TOKEN_FIELDS } from './facets.ts';
import type { QueryNeeds } from './needs.ts';

const MAX_FIRST = 20;
/** The most frequent so many vendors, types and collections of what fits are looked through. */
const MAX_TOKENS = 100;

export interface Suggestions {
  readonly queries: string[];
  readonly products: Card[];
}

interface Answer {
  readonly hits: { readonly hits: readonly { readonly _source: { readonly card: Card } }[] };
  readonly aggregations: Aggregations;
}

export async function suggest(
  { reader }: QueryNeeds,
  { prefix, first }: { readonly prefix: string; readonly first: number },
): Promise<Suggestions> {
  if (first < 1 || first > MAX_FIRST) {
    throw refusal('BAD_USER_INPUT', { message: `first is 1 to ${MAX_FIRST}.`, field: ['first'] });
  }
  const text = cleanText(prefix, MAX_PREFIX_CHARACTERS);
  if (wordsOf(text).length === 0) return { queries: [], products: [] };
  const aggs = Object.fromEntries(
    Object.values(TOKEN_FIELDS).map((field) => [field, { terms: { field, size: MAX_TOKENS } }]),
  );
  const { hits, aggregations } = await reader.search<Answer>({
    size: MAX_FIRST,
    query: begunQuery(text),
    _source: ['card'],
    track_total_hits: false,
    aggs,
  });
  const products = hits.hits.map(({ _source }) => _source.card);
  return { queries: phrases(text, products, aggregations).slice(0, first), products: products.slice(0, first) };
}

interface Phrase {
  readonly text: string;
  readonly count: number;
}

/**
 * Types, makers and collections of products that fit, then those products' titles: each is said of a product on sale, word for word, and so
 * has a result. Only those that the typed words begin words of; first what begins with them, then what most products have.
 */
function phrases(typed: string, products: readonly Card[], aggregations: Aggregations): string[] {
  const named = Object.values(TOKEN_FIELDS).flatMap((field) => {
    const { buckets } = aggregations[field] ?? {};
    if (!Array.isArray(buckets)) return [];
    return (buckets as { key: string; doc_count: number }[]).map(({ key, doc_count }): Phrase => {
      return { text: readToken(key).at(-1) ?? key, count: doc_count };
    });
  });
  const titles = products.map(({ title }): Phrase => ({ text: title, count: 0 }));
  const seen = new Set<string>();
  const start = fold(typed);
  return [...named, ...titles]
    .map((phrase) => ({ ...phrase, folded: fold(phrase.text) }))
    .filter(({ folded }) => contains(folded, start) && !seen.has(folded) && seen.add(folded))
    .sort((a, b) => Number(b.folded.startsWith(start)) - Number(a.folded.startsWith(start)) || b.count - a.count)
    .map(({ text }) => text);
}

/** Whether each typed word begins a word of the phrase. */
function contains(phrase: string, typed: string): boolean {
  const words = wordsOf(phrase);
  return wordsOf(typed).every((begun) => words.some((word) => word.startsWith(begun)));
}

const fold = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
