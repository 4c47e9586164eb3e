/** From what a shopper typed to what the engine is asked. Plain data: no query language, so nothing to escape. */
import { facetKey } from '../domain/facet-token.ts';
import { wordsOf } from '../domain/words.ts';
import {
  EXACT_TITLE_BOOST,
  FACTORS,
  FIELD_BOOSTS,
  KIND_BOOST,
  MINIMUM_SHOULD_MATCH,
  PHRASE_BOOST,
  SKU_BOOST,
  TIE_BREAKER,
  TYPOS,
} from './weights.ts';

/** Whether words count as they are typed, or as they may have been meant. */
export type Spelling = 'typed' | 'meant';

const ON_SALE = { term: { onSale: true } };
const FIELDS = Object.entries(FIELD_BOOSTS).map(([field, boost]) => `${field}^${boost}`);

/** What fits, by its text alone. Null for an empty text: everything does. */
export function textQuery(text: string, spelling: Spelling): object | null {
  if (text === '') return null;
  const typed = [
    {
      multi_match: {
        query: text,
        type: 'cross_fields',
        fields: FIELDS,
        minimum_should_match: MINIMUM_SHOULD_MATCH,
        tie_breaker: TIE_BREAKER,
      },
    },
    { match: { productType: { query: text, operator: 'and', boost: KIND_BOOST } } },
    // Stop words count here: a query of nothing else finds by them.
    { match: { 'title.plain': { query: text, operator: 'and', boost: EXACT_TITLE_BOOST } } },
    { match: { words: { query: text, operator: 'and' } } },
    { term: { skus: { value: facetKey(text), boost: SKU_BOOST } } },
  ];
  return { bool: { should: spelling === 'typed' ? typed : [...typed, misspelt(text)], minimum_should_match: 1 } };
}

// `cross_fields` knows no fuzziness: hence a clause of its own, on a field that holds the words of all.
function misspelt(query: string): object {
  const { fuzziness, prefixLength, maxExpansions, boost } = TYPOS;
  const operator = { minimum_should_match: MINIMUM_SHOULD_MATCH };
  return {
    match: {
      words: { query, fuzziness, prefix_length: prefixLength, max_expansions: maxExpansions, boost, ...operator },
    },
  };
}

/** What fits, unordered: for orders that do not look at the fit. */
export function matching(text: string, spelling: Spelling): object {
  const fits = textQuery(text, spelling);
  return { bool: { filter: fits ? [ON_SALE, fits] : [ON_SALE] } };
}

/** What fits, the best first. */
export function ranked(text: string, spelling: Spelling): object {
  const fits = textQuery(text, spelling);
  // As it is indexed, without synonyms: each would double the number of phrases to look for.
  const title = { query: text, analyzer: 'english_index', slop: 1, boost: PHRASE_BOOST };
  const phrase = { match_phrase: { title } };
  return {
    bool: {
      filter: [ON_SALE],
      must: [lifted(fits ? { bool: { must: [fits], should: wordsOf(text).length > 1 ? [phrase] : [] } } : null)],
    },
  };
}

/** The fit, multiplied by what speaks for a product whatever was asked. */
export function lifted(query: object | null): object {
  return {
    function_score: {
      query: query ?? { match_all: {} },
      functions: [
        { weight: 1 },
        { field_value_factor: { field: 'unitsSold', modifier: 'log1p', missing: 0 }, weight: FACTORS.unitsSold },
        { field_value_factor: { field: 'ratingScore', missing: 0 }, weight: FACTORS.rating },
        { filter: { term: { inStock: true } }, weight: FACTORS.inStock },
      ],
      score_mode: 'sum',
      boost_mode: 'multiply',
    },
  };
}

/** For what is typed so far: each word begun somewhere in a title, a maker, a kind or a collection. */
export function begunQuery(prefix: string): object {
  const fields = ['typed', 'typed._2gram', 'typed._3gram'];
  const begun = { multi_match: { query: prefix, type: 'bool_prefix', fields, operator: 'and' } };
  const inTitle = { match_bool_prefix: { 'title.plain': { query: prefix, operator: 'and' } } };
  return { bool: { filter: [ON_SALE], must: [lifted({ bool: { must: [begun], should: [inTitle] } })] } };
}
