import type { SearchSort } from '../generated/graphql.ts';

/** After every other price: the largest number that JSON keeps exactly. */
const BEYOND = Number.MAX_SAFE_INTEGER;

/** What stands first; what is equal stands by id. Products in another currency have no price here and stand last in both directions. */
const ORDERS: Readonly<Record<SearchSort, object>> = {
  RELEVANCE: { _score: 'desc' },
  PRICE_ASC: { priceMinor: { order: 'asc', missing: BEYOND } },
  PRICE_DESC: { priceMinor: { order: 'desc', missing: -1 } },
  NEWEST: { publishedAt: { order: 'desc', missing: 0 } },
  RATING: { ratingScore: { order: 'desc', missing: 0 } },
  BEST_SELLING: { unitsSold: { order: 'desc', missing: 0 } },
};

export const sortBy = (sort: SearchSort): object[] => [ORDERS[sort], { id: 'asc' }];
