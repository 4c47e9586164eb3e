/** The passages in which a query's words were found: escaped by the engine, the words in `<em>`. */
const FRAGMENTS = 3;
const FRAGMENT_CHARACTERS = 140;
const FIELDS = ['title', 'vendor', 'productType', 'tags', 'description'] as const;

export interface Highlight {
  readonly field: string;
  readonly fragments: string[];
}

export const HIGHLIGHT = {
  type: 'unified',
  encoder: 'html',
  pre_tags: ['<em>'],
  post_tags: ['</em>'],
  // Words that were found by another spelling, or among all words, are shown where they stand.
  require_field_match: false,
  number_of_fragments: FRAGMENTS,
  fragment_size: FRAGMENT_CHARACTERS,
  fields: {
    ...Object.fromEntries(FIELDS.map((field) => [field, {}])),
    title: { number_of_fragments: 0 },
    vendor: { number_of_fragments: 0 },
    productType: { number_of_fragments: 0 },
  },
} as const;

export function readHighlights(found: Readonly<Record<string, string[]>> | undefined): Highlight[] {
  return FIELDS.flatMap((field) => {
    const fragments = found?.[field];
    return fragments?.length ? [{ field, fragments: fragments.slice(0, FRAGMENTS) }] : [];
  });
}
