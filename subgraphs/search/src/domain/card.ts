import type { EventPayload } from '@ebuy/events';

type CatalogProduct = EventPayload<'catalogProduct.changed'>;

/** What a card in a page of results shows: the whole of it comes from the index, so that a search asks nobody else. */
export interface Card extends Pick<CatalogProduct, 'slug' | 'title' | 'vendor' | 'availability' | 'priceRange'> {
  readonly id: string;
  readonly featuredImage: CatalogProduct['images'][number] | null;
  readonly rating: { readonly average: number | null; readonly count: number };
}

export function cardOf(product: CatalogProduct): Card {
  const { productId, slug, title, vendor, availability, priceRange, images, rating } = product;
  return {
    id: productId,
    slug,
    title,
    vendor,
    availability,
    priceRange,
    featuredImage: images[0] ?? null,
    rating: { average: rating.average, count: rating.count },
  };
}
