import type { Resolvers } from '../generated/graphql.ts';
import { browseMembers } from '../queries/browse-collections.ts';
import type { Loaders } from '../queries/loaders.ts';
import type { Page } from '../queries/page.ts';
import { relatedProducts } from '../queries/related-products.ts';
import type { CatalogStore } from '../store/index.ts';
import { extentOf } from './selection.ts';

/** How what is kept becomes what the graph shows. */
export function catalogTypes(
  { shown }: Pick<CatalogStore, 'shown'>,
  loaders: Loaders,
): Pick<Resolvers, 'Product' | 'Variant' | 'Rating' | 'Collection' | 'ProductConnection' | 'CollectionConnection'> {
  return {
    Product: {
      __resolveReference: ({ id }, context) => loaders(context).whole.load(id),
      id: ({ productId }) => productId,
      featuredImage: ({ images }) => images[0] ?? null,
      variants: (product) => product.variants.map((variant) => ({ product, variant })),
      related: (product, { first }, context, info) =>
        relatedProducts(loaders, context, product, { first, extent: extentOf(info) }),
      collections: async ({ collections }, _, context) => {
        const loader = loaders(context).collections;
        const found = await Promise.all(collections.map(({ collectionId }) => loader.load(collectionId)));
        return found.filter((one) => one !== null);
      },
    },
    Variant: {
      __resolveReference: ({ id }, context) => loaders(context).variants.load(id),
      id: ({ variant }) => variant.variantId,
      sku: ({ variant }) => variant.sku,
      title: ({ variant }) => variant.title,
      selectedOptions: ({ variant }) => variant.selectedOptions,
      price: ({ variant }) => variant.price,
      compareAtPrice: ({ variant }) => variant.compareAtPrice,
      availability: ({ variant }) => variant.availability,
      availableQuantity: ({ variant }) => variant.availableQuantity,
    },
    Rating: {
      distribution: ({ histogram }) => histogram.map((count, index) => ({ stars: index + 1, count })),
    },
    Collection: {
      __resolveReference: ({ id }, context) => loaders(context).collections.load(id),
      products: (collection, { first, after = null }, _, info) =>
        browseMembers(shown, collection, { first, after, extent: extentOf(info, 'nodes', 'edges.node') }),
    },
    ProductConnection: connection(),
    CollectionConnection: connection(),
  };
}

function connection<Node>() {
  return {
    edges: ({ nodes, cursors }: Page<Node>) => nodes.map((node, index) => ({ node, cursor: cursors[index] ?? '' })),
    nodes: ({ nodes }: Page<Node>) => [...nodes],
    pageInfo: ({ cursors, hasNextPage, hasPreviousPage }: Page<Node>) => ({
      hasNextPage,
      hasPreviousPage,
      startCursor: cursors[0] ?? null,
      endCursor: cursors.at(-1) ?? null,
    }),
    totalCount: ({ count }: Page<Node>) => count(),
  };
}
