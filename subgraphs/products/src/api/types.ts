import {
  availabilityOfProduct,
  availabilityOfVariant,
  availableUnits,
  compareAtPriceOf,
  priceOf,
  priceRangeOf,
  selectedOptionsOf,
  titleOfVariant,
} from '../domain/product.ts';
import type { Resolvers } from '../generated/graphql.ts';
import type { Loaders } from '../queries/loaders.ts';

/** How what is kept becomes what the graph shows. */
export function productTypes(loaders: Loaders): Pick<Resolvers, 'Product' | 'Variant' | 'Stock' | 'ProductConnection'> {
  return {
    Product: {
      __resolveReference: ({ id }, context) => loaders(context).products.load(id),
      availability: availabilityOfProduct,
      priceRange: priceRangeOf,
      featuredImage: ({ images }) => images[0] ?? null,
      variants: (product) => product.variants.map((variant) => ({ product, variant })),
    },
    Variant: {
      __resolveReference: ({ id }, context) => loaders(context).variants.load(id),
      id: ({ variant }) => variant.id,
      sku: ({ variant }) => variant.sku,
      title: ({ variant }) => titleOfVariant(variant.optionValues),
      selectedOptions: selectedOptionsOf,
      price: priceOf,
      compareAtPrice: compareAtPriceOf,
      availability: ({ variant }) => availabilityOfVariant(variant),
      availableQuantity: ({ variant }) => availableUnits(variant.stock),
      stock: ({ variant }) => variant.stock,
    },
    Stock: {
      available: availableUnits,
    },
    ProductConnection: {
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
