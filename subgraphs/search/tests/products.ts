/** Products as catalog emits them, made for tests. */
import { type DomainEvent, type EventPayload, newEvent } from '@ebuy/events';
import { newId } from '@ebuy/kernel';

export type CatalogProduct = EventPayload<'catalogProduct.changed'>;

let clock = Date.now();
/** As catalog's: rises with each change. */
export const nextVersion = () => {
  clock += 1;
  return clock;
};

export const usd = (amountMinor: number) => ({ amountMinor, currency: 'USD' });

interface Sketch extends Partial<CatalogProduct> {
  /** Each option's values: one variant of each of the longest. */
  readonly choices?: Readonly<Record<string, readonly string[]>>;
  readonly sku?: string;
  readonly amountMinor?: number;
  readonly stars?: readonly number[];
}

/** A product on sale, whatever is not said about it made up. */
export function product({ choices = {}, sku, amountMinor = 2_000, stars = [], ...more }: Sketch = {}): CatalogProduct {
  const productId = more.productId ?? newId();
  const title = more.title ?? 'Plain Thing';
  const at = '2026-11-01T00:00:00.000Z';
  const availability = more.availability ?? 'IN_STOCK';
  const count = Math.max(1, ...Object.values(choices).map(({ length }) => length));
  const price = usd(amountMinor);
  const histogram = [1, 2, 3, 4, 5].map((star) => stars.filter((one) => one === star).length);
  const sum = stars.reduce((total, one) => total + one, 0);
  return {
    productId,
    version: nextVersion(),
    status: 'PUBLISHED',
    slug: `${title.toLowerCase().replace(/[^a-z0-9]+/g, '-')}-${productId.slice(-6)}`,
    title,
    descriptionHtml: '<p>Nothing to say.</p>',
    vendor: null,
    productType: null,
    tags: [],
    options: Object.entries(choices).map(([name, values]) => ({ name, values: [...values] })),
    variants: Array.from({ length: count }, (_, index) => ({
      variantId: newId(),
      sku: index === 0 && sku !== undefined ? sku : `${productId.slice(-8)}-${index}`,
      title,
      selectedOptions: Object.entries(choices).map(([name, values]) => ({
        name,
        value: values[index % values.length] as string,
      })),
      price,
      compareAtPrice: null,
      availability,
      availableQuantity: availability === 'OUT_OF_STOCK' ? 0 : 9,
    })),
    images: [{ url: `/pictures/${productId}.webp`, altText: title, width: 800, height: 800 }],
    createdAt: at,
    updatedAt: at,
    publishedAt: at,
    withdrawnAt: null,
    collections: [],
    availability,
    priceRange: { min: price, max: price },
    rating: {
      average: stars.length === 0 ? null : Math.round((sum / stars.length) * 100) / 100,
      count: stars.length,
      histogram,
    },
    unitsSold: 0,
    relatedProductIds: [],
    ...more,
  };
}

export const changed = (state: CatalogProduct): DomainEvent =>
  newEvent(state.status === 'PUBLISHED' ? 'catalogProduct.changed' : 'catalogProduct.withdrawn', state, {
    correlationId: 'test',
    causationId: null,
  });

export const collection = (title: string) => ({
  collectionId: newId(),
  slug: title.toLowerCase().replace(/\W+/g, '-'),
  title,
});
