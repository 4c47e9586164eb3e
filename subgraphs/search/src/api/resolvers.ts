/** GraphQL in: reads arguments, asks a query, shows the answer. Products are cards: whatever else of them is asked, the catalog answers by id. */
import type { Resolvers } from '../generated/graphql.ts';
import type { QueryNeeds } from '../queries/needs.ts';
import { searchProducts } from '../queries/search-products.ts';
import { suggest } from '../queries/suggest.ts';
import { isWanted } from './wanted.ts';

export function createResolvers(needs: QueryNeeds): Resolvers {
  return {
    Query: {
      searchProducts: (_, question, __, info) =>
        searchProducts(needs, question, {
          facets: isWanted(info, 'facets'),
          highlights: isWanted(info, 'edges', 'highlights'),
        }),
      searchSuggestions: (_, typed) => suggest(needs, typed),
    },
    ProductSearchConnection: {
      didYouMean: (page) => page.didYouMean(),
    },
  };
}
