/** What an index version is made of: how text is taken apart, and every field of a document. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { DOCUMENT_SHAPE } from '../domain/document.ts';

/**
 * Half of what passes between a commit and a visible product is this, the other half the window of points in time: together below a second
 * with room for the way through Kafka. More often costs a segment each time, which two busy cores notice; seldomer is noticed by people.
 * An interval that is set also keeps an idle shard refreshing, so that the first search after a quiet hour is not behind.
 */
const REFRESH_INTERVAL = '250ms';

const rulesIn = (file: string) =>
  readFileSync(new URL(`../relevance/${file}`, import.meta.url), 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));

/** One way of reading English, for what is indexed and, with stop words out and synonyms in, for what is asked. */
const BASE = ['lowercase', 'english_possessive', 'asciifolding'] as const;

const STEMS = ['english_exceptions', 'english_stemmer'] as const;

const analysis = {
  filter: {
    english_possessive: { type: 'stemmer', language: 'possessive_english' },
    // Krovetz: "mugs" is "mug", and "universal" stays apart from "university".
    english_stemmer: { type: 'stemmer', language: 'light_english' },
    english_exceptions: { type: 'stemmer_override', rules: rulesIn('stems.txt') },
    english_stop: { type: 'stop', stopwords: '_english_' },
    // After the stemmer, so that one line serves all forms of a word.
    synonyms: { type: 'synonym_graph', synonyms: rulesIn('synonyms.txt') },
    shingles: { type: 'shingle', min_shingle_size: 2, max_shingle_size: 3, output_unigrams: true },
  },
  analyzer: {
    // Stop words stay in the index: what is asked for may be made of nothing else.
    english_index: { type: 'custom', tokenizer: 'standard', filter: [...BASE, ...STEMS] },
    english_search: {
      type: 'custom',
      tokenizer: 'standard',
      filter: [...BASE, 'english_stop', ...STEMS, 'synonyms'],
    },
    /** Words as they stand: for exact fits, slips of the finger, and what is typed so far. */
    plain: { type: 'custom', tokenizer: 'standard', filter: ['lowercase', 'asciifolding'] },
    phrases: { type: 'custom', tokenizer: 'standard', filter: ['lowercase', 'asciifolding', 'shingles'] },
  },
} as const;

const english = { type: 'text', analyzer: 'english_index', search_analyzer: 'english_search' } as const;
const copied = { copy_to: ['words', 'spelling', 'typed'] } as const;
const keyword = { type: 'keyword' } as const;

const properties = {
  id: keyword,
  version: { type: 'long' },
  onSale: { type: 'boolean' },
  title: { ...english, ...copied, fields: { plain: { type: 'text', analyzer: 'plain' } } },
  vendor: { ...english, ...copied },
  productType: { ...english, ...copied },
  tags: { ...english, copy_to: ['words', 'spelling'] },
  collections: { ...english, ...copied },
  optionValues: { ...english, copy_to: ['words'] },
  // Offsets spare the highlighter from taking long texts apart again.
  description: { ...english, index_options: 'offsets' },
  /** All but the description, as it stands. */
  words: { type: 'text', analyzer: 'plain', norms: false },
  spelling: { type: 'text', analyzer: 'phrases' },
  typed: { type: 'search_as_you_type', analyzer: 'plain' },
  skus: keyword,
  vendorKey: keyword,
  vendorFacet: keyword,
  typeKey: keyword,
  typeFacet: keyword,
  collectionKeys: keyword,
  collectionFacets: keyword,
  optionKeys: keyword,
  optionFacets: keyword,
  availability: keyword,
  inStock: { type: 'boolean' },
  priceMinor: { type: 'long' },
  ratingAverage: { type: 'double' },
  ratingScore: { type: 'double' },
  unitsSold: { type: 'long' },
  publishedAt: { type: 'long' },
  card: { type: 'object', enabled: false },
} as const;

/** What `_meta` of an index says of how it was made. */
export interface IndexMeta {
  /** Of analysis, fields and {@link DOCUMENT_SHAPE}, with the currency. */
  readonly fingerprint?: string;
  readonly documentShape?: number;
  readonly currency?: string;
  /** ISO 8601: since when it has all that the topic had; absent until then, however much it has. */
  readonly filledAt?: string;
  /** ISO 8601: since when nothing points to it. */
  readonly retiredAt?: string;
}

export function indexDefinition(currency: string) {
  const made = { analysis, properties, documentShape: DOCUMENT_SHAPE, currency };
  const fingerprint = createHash('sha256').update(JSON.stringify(made)).digest('hex').slice(0, 16);
  const meta: IndexMeta = { fingerprint, documentShape: DOCUMENT_SHAPE, currency };
  return {
    meta,
    properties,
    settings: {
      index: {
        // One shard holds some millions of products; more would make scores depend on where a product lies.
        number_of_shards: 1,
        auto_expand_replicas: '0-1',
        refresh_interval: REFRESH_INTERVAL,
        max_result_window: 1_000,
      },
      analysis,
    },
    mappings: { dynamic: 'strict', _meta: meta, properties },
  };
}
