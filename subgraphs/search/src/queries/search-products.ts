/** A page of results with all that helps to narrow them: one request to the engine, a second only when the words as typed find next to nothing. */
import type { Card } from '../domain/card.ts';
import { type Filter, type FilterInput, readFilters } from '../domain/filters.ts';
import { cleanText, MAX_QUERY_CHARACTERS } from '../domain/words.ts';
import type { SearchSort } from '../generated/graphql.ts';
import { refusal } from '../refusals.ts';
import { matching, ranked } from '../relevance/text-query.ts';
import { TYPOS } from '../relevance/weights.ts';
import { EngineRefusal } from '../store/engine.ts';
import { KEEP_ALIVE, MAX_WALK_MS } from '../store/points-in-time.ts';
import { allOf } from './clauses.ts';
import { type Position, questionHash } from './cursor.ts';
import { didYouMean } from './did-you-mean.ts';
import { type Aggregations, type Facet, facetAggregations, readFacets } from './facets.ts';
import { HIGHLIGHT, type Highlight, readHighlights } from './highlights.ts';
import { withLabels } from './labels.ts';
import type { QueryNeeds } from './needs.ts';
import { sortBy } from './sorts.ts';

const MAX_FIRST = 100;
const NOT_FOUND = 404;

export interface SearchQuestion {
  readonly query: string;
  readonly filters?: readonly FilterInput[] | null | undefined;
  readonly sort?: SearchSort | null | undefined;
  readonly first: number;
  readonly after?: string | null | undefined;
}

/** What the client looks at: the rest is not computed. */
export interface Wanted {
  readonly facets: boolean;
  readonly highlights: boolean;
}

export interface SearchPage {
  readonly edges: {
    readonly cursor: string;
    readonly score: number | null;
    readonly highlights: Highlight[];
    readonly node: Card;
  }[];
  readonly nodes: Card[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
  readonly totalCount: number;
  readonly facets: Facet[];
  /** Asked only when somebody looks at it. */
  readonly didYouMean: () => Promise<string | null>;
}

interface Checked {
  readonly text: string;
  readonly filters: readonly Filter[];
  readonly sort: SearchSort;
  readonly first: number;
  readonly wanted: Wanted;
}

interface Answer {
  readonly hits: {
    readonly total: { readonly value: number };
    readonly hits: readonly {
      readonly _score: number | null;
      readonly _source: { readonly card: Card };
      readonly sort: readonly (string | number)[];
      readonly highlight?: Readonly<Record<string, string[]>>;
    }[];
  };
  readonly aggregations?: Aggregations;
}

export async function searchProducts(needs: QueryNeeds, asked: SearchQuestion, wanted: Wanted): Promise<SearchPage> {
  const { first, after } = asked;
  if (first < 1 || first > MAX_FIRST) {
    throw refusal('BAD_USER_INPUT', { message: `first is 1 to ${MAX_FIRST}.`, field: ['first'] });
  }
  const text = cleanText(asked.query, MAX_QUERY_CHARACTERS);
  // Signs alone are something that was asked for, and nothing that can be found; nothing at all is everything.
  const filters = readFilters(asked.filters ?? []);
  const question: Checked = { text, filters, sort: asked.sort ?? 'RELEVANCE', first, wanted };
  const hash = questionHash([text, filters, question.sort]);
  const from = after == null ? null : needs.cursors.read(hash, after);
  const { answer, position } = from ? await goOn(needs, question, from) : await begin(needs, question);
  return pageOf(needs, question, hash, position, answer, from !== null);
}

interface Found {
  readonly answer: Answer;
  readonly position: Omit<Position, 'after'>;
}

/** The first page: in the newest point in time, with slips allowed when the words as typed find next to nothing. */
async function begin(needs: QueryNeeds, question: Checked, tries = 2): Promise<Found> {
  const point = await needs.points.share();
  const begunAt = Date.now();
  try {
    const answer = await ask(needs, question, { point, spelling: 'typed' });
    if (question.text === '' || matchedBy(answer) >= TYPOS.fewResults) {
      return { answer, position: { point, spelling: 'typed', begunAt } };
    }
    const position = { point, spelling: 'meant', begunAt } as const;
    return { answer: await ask(needs, question, position), position };
  } catch (error) {
    if (!isGone(error) || tries === 1) throw error;
    // The engine was started anew, or its index was replaced: its points in time went with it.
    await needs.points.forget(point);
    return begin(needs, question, tries - 1);
  }
}

async function goOn(needs: QueryNeeds, question: Checked, position: Position): Promise<Found> {
  // Each page keeps the point in time open for longer: whoever asked again and again could keep all that the engine has.
  if (Date.now() - position.begunAt > MAX_WALK_MS) throw refusal('CURSOR_EXPIRED', { field: ['after'] });
  try {
    return { answer: await ask(needs, question, position), position };
  } catch (error) {
    if (isGone(error)) throw refusal('CURSOR_EXPIRED', { field: ['after'] });
    throw error;
  }
}

async function ask(
  { reader }: QueryNeeds,
  { text, filters, sort, first, wanted }: Checked,
  { point, spelling, after }: Pick<Position, 'point' | 'spelling'> & Partial<Position>,
): Promise<Answer> {
  // Only facets need to see what a filter leaves out; the number of what fits the text alone decides about slips.
  const counted = wanted.facets ? facetAggregations(filters) : {};
  const matched = text === '' || filters.length === 0 ? {} : { matched: { filter: { match_all: {} } } };
  const aggs = { ...counted, ...matched };
  try {
    return await reader.searchInPoint<Answer>({
      pit: { id: point, keep_alive: KEEP_ALIVE },
      size: first + 1,
      query: sort === 'RELEVANCE' ? ranked(text, spelling) : matching(text, spelling),
      ...(filters.length > 0 ? { post_filter: allOf(filters) } : {}),
      ...(Object.keys(aggs).length > 0 ? { aggs } : {}),
      sort: sortBy(sort),
      ...(after ? { search_after: after } : {}),
      track_total_hits: true,
      _source: ['card'],
      ...(wanted.highlights && text !== '' ? { highlight: HIGHLIGHT } : {}),
    });
  } catch (error) {
    if (!(error instanceof EngineRefusal) || !/maxClauseCount|too_many_clauses/.test(error.message)) throw error;
    const message = 'This is more than can be searched for at once. Use fewer words.';
    throw refusal('BAD_USER_INPUT', { message, field: ['query'] });
  }
}

async function pageOf(
  needs: QueryNeeds,
  { text, filters, sort, first, wanted }: Checked,
  hash: string,
  position: Omit<Position, 'after'>,
  { hits, aggregations }: Answer,
  isLater: boolean,
): Promise<SearchPage> {
  const facets = wanted.facets ? readFacets(filters, aggregations ?? {}) : [];
  const edges = hits.hits.slice(0, first).map(({ _score, _source, sort: after, highlight }) => ({
    cursor: needs.cursors.write(hash, { ...position, after }),
    score: sort === 'RELEVANCE' ? _score : null,
    highlights: readHighlights(highlight),
    node: _source.card,
  }));
  return {
    edges,
    nodes: edges.map(({ node }) => node),
    pageInfo: {
      hasNextPage: hits.hits.length > first,
      hasPreviousPage: isLater,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    totalCount: hits.total.value,
    facets: await withLabels(needs.reader, facets),
    didYouMean: async () => (position.spelling === 'meant' ? didYouMean(needs, text) : null),
  };
}

/** How many products fit the text, whatever the filters. */
function matchedBy({ hits, aggregations }: Answer): number {
  return aggregations?.matched?.doc_count ?? hits.total.value;
}

const isGone = (error: unknown) => error instanceof EngineRefusal && error.status === NOT_FOUND;
