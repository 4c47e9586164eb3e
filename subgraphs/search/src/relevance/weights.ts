/**
 * Every number that decides what stands above what, each with its reason. Change one here, run `tests/judged.component.test.ts`, and look at
 * what moved. None of it is written into the index but {@link RATING}: a change of that one asks for `npm run reindex -- --from-topic`.
 */

/** How much a word counts by where it is found. All are asked together, so that "kiln mug" finds a mug of Kiln's. */
export const FIELD_BOOSTS = {
  /** What it is called is what it is. */
  title: 6,
  /** Nearly as much: it says in the shop's own words what it is. */
  productType: 5,
  /** Who types a brand wants it, but a word of a title says more of the thing. */
  vendor: 3,
  /** Chosen by merchandisers, who mean well and tag much. */
  tags: 2,
  /** Broad: half a shop is in "Gifts". */
  collections: 1.5,
  /** "blue", "XL": only tells variants apart. */
  optionValues: 1.5,
  /** Mentions much that the thing is not ("goes well with tea"). */
  description: 0.5,
} as const;

/** How much of the other fields' weight is added where a word is found in several: what is called a mug and is of the type Mugs is a mug. */
export const TIE_BREAKER = 0.5;

/** Of words that fit exactly as they are typed, not only by their stem: "glasses" are not "glass". */
export const EXACT_TITLE_BOOST = 2;
/** Where all words name the kind: "mugs" brings mugs before a mug tree. */
export const KIND_BOOST = 4;
/** Words that stand beside each other as they were typed. */
export const PHRASE_BOOST = 4;
/** A number that somebody copied from a label: nothing else can be meant. */
export const SKU_BOOST = 1_000;

/**
 * How many of the words must be found: of up to three all, so that each further word narrows; of more, three quarters, because who
 * describes at length describes loosely.
 */
export const MINIMUM_SHOULD_MATCH = '3<75%';

/**
 * Words that may be misspelt are looked for only when the words as typed find fewer than `fewResults`: else "lamp" would bring camps and
 * stamps into the results and into every count beside them.
 */
export const TYPOS = {
  fewResults: 3,
  /** No slip in words of up to three letters, one from four, two from eight. */
  fuzziness: 'AUTO:4,8',
  /** Who mistypes seldom mistypes the first letter, and it spares most of the work. */
  prefixLength: 1,
  /** The nearest so many words of the index for each typed one. */
  maxExpansions: 12,
  /** Whatever fits as typed stands above whatever fits with a slip. */
  boost: 0.3,
} as const;

/** "Did you mean" speaks when the words as typed find fewer than `TYPOS.fewResults`. */
export const DID_YOU_MEAN = {
  /** Slips in one query: more is guessing. */
  maxErrors: 2,
  /** How much likelier than the typed query an offer must be: as likely is no reason to speak. */
  confidence: 1,
  /** Shorter words have too many neighbours. */
  minWordLength: 4,
} as const;

/**
 * The fit is multiplied by 1 + these. Together they reach about 2 for a bestseller with good reviews: enough to order what fits alike,
 * too little to lift what fits badly above what fits well.
 */
export const FACTORS = {
  /** × log10(1 + units sold): ten times the sales, one step. */
  unitsSold: 0.15,
  /** × the stars of {@link RATING}, 1 to 5. */
  rating: 0.08,
  /** For what can be bought now: what is sold out sinks a little and never vanishes, for it comes back. */
  inStock: 0.35,
} as const;

/** Stars and their number in one: as if each product had `priorReviews` of `priorStars` beside its own. */
export const RATING = {
  /** After so many its own reviews weigh as much as the prior. */
  priorReviews: 5,
  /** A little under what shops' reviews average, so that silence is no praise. */
  priorStars: 3.8,
} as const;
