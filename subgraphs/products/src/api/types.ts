import {
  availabilityOfProduct,
  availabilityOfVariant,
  availableUnits,
  compareAtPriceOf,
  priceOf,
  priceRangeOf,
  selectedOptionsOf,
  titleOfVariant,
  variantsOf,
} from '../domain/product.ts';
import type { Resolvers } from '../generated/graphql.ts';
import type { Loaders } from '../queries/loaders.ts';

/**
 * How what is kept becomes what the graph shows. A reference from another subgraph opens what is this one's alone, a product's version and
 * status and a variant's stock; the plain fields are answered only where the schema provides them, and there the whole product is at hand.
 */
export function productTypes(
  loaders: Loaders,
): Pick<Resolvers, 'Product' | 'Variant' | 'Stock' | 'StaffProductConnection'> {
  return {
    Product: {
      __resolveReference: ({ id }, context) => loaders(context).products.load(id),
      availability: availabilityOfProduct,
      priceRange: priceRangeOf,
      featuredImage: ({ images }) => images[0] ?? null,
      variants: variantsOf,
    },
    Variant: {
      __resolveReference: ({ id }, context) => loaders(context).variants.load(id),
      title: ({ optionValues }) => titleOfVariant(optionValues),
      selectedOptions: selectedOptionsOf,
      price: priceOf,
      compareAtPrice: compareAtPriceOf,
      availability: availabilityOfVariant,
      availableQuantity: ({ stock }) => availableUnits(stock),
    },
    Stock: {
      available: availableUnits,
    },
    StaffProductConnection: {
      edges: ({ products, cursorOf }) => products.map((node) => ({ node, cursor: cursorOf(node) })),
      nodes: ({ products }) => [...products],
      pageInfo: ({ products, cursorOf, hasNextPage, hasPreviousPage }) => {
        const [start, end] = [products[0], products.at(-1)];
        return {
          hasNextPage,
          hasPreviousPage,
          startCursor: start ? cursorOf(start) : null,
          endCursor: end ? cursorOf(end) : null,
        };
      },
      totalCount: ({ count }) => count(),
    },
  };
}
