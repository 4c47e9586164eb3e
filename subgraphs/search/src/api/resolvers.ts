/** GraphQL in: reads arguments, asks a query, shows the answer. Products are cards: whatever else of them is asked, the catalog answers by id. */
import { perRequest, type RequestContext } from '@ebuy/runtime';
import type { Resolvers } from '../generated/graphql.ts';
import type { QueryNeeds } from '../queries/needs.ts';
import { searchProducts } from '../queries/search-products.ts';
import { suggest } from '../queries/suggest.ts';
import { refusal } from '../refusals.ts';
import { isWanted } from './wanted.ts';

/** One operation may name a search under a hundred aliases: together they would keep the engine from everybody else. */
const MAX_SEARCHES = 10;

const searches = perRequest(() => ({ asked: 0 }));

function countSearch(context: RequestContext): void {
  const count = searches(context);
  count.asked += 1;
  if (count.asked <= MAX_SEARCHES) return;
  const message = `One operation searches ${MAX_SEARCHES} times at most. Ask for the rest in another.`;
  throw refusal('BAD_USER_INPUT', { message });
}

export function createResolvers(needs: QueryNeeds): Resolvers {
  return {
    Query: {
      searchProducts: (_, question, context, info) => {
        countSearch(context);
        return searchProducts(needs, question, {
          facets: isWanted(info, 'facets'),
          highlights: isWanted(info, 'edges', 'highlights'),
        });
      },
      searchSuggestions: (_, typed, context) => {
        countSearch(context);
        return suggest(needs, typed);
      },
    },
    ProductSearchConnection: {
      didYouMean: (page) => page.didYouMean(),
    },
  };
}
