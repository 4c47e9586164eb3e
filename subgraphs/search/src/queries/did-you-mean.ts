/** A query that found next to nothing, spelt as the shop's own words are. */
import { wordsOf } from '../domain/words.ts';
import { matching } from '../relevance/text-query.ts';
import { DID_YOU_MEAN, TYPOS } from '../relevance/weights.ts';
import type { QueryNeeds } from './needs.ts';

const CANDIDATES = 3;
/** Longer ones are descriptions, not misspellings. */
const MAX_WORDS = 8;

interface Suggested {
  readonly suggest: { readonly spelling: readonly { readonly options: readonly { readonly text: string }[] }[] };
}

/** Null, or what differs from the query and finds products on sale as it stands. */
export async function didYouMean({ reader }: QueryNeeds, text: string): Promise<string | null> {
  const words = wordsOf(text).length;
  if (words === 0 || words > MAX_WORDS) return null;
  const { suggest } = await reader.search<Suggested>({ size: 0, suggest: { text, spelling: { phrase: spelling } } });
  const typed = wordsOf(fold(text)).join(' ');
  const offers = (suggest.spelling[0]?.options ?? []).map((option) => option.text);
  const others = offers.filter((offer) => wordsOf(fold(offer)).join(' ') !== typed);
  const finding = await Promise.all(others.map((offer) => reader.finds(matching(offer, 'typed'))));
  return others.find((_, index) => finding[index]) ?? null;
}

const spelling = {
  field: 'spelling',
  size: CANDIDATES,
  max_errors: DID_YOU_MEAN.maxErrors,
  confidence: DID_YOU_MEAN.confidence,
  direct_generator: [
    {
      field: 'spelling',
      suggest_mode: 'always',
      prefix_length: TYPOS.prefixLength,
      min_word_length: DID_YOU_MEAN.minWordLength,
    },
  ],
} as const;

const fold = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
