/** Events as products and reviews tell them. */
import { type DomainEvent, type EventPayload, newEvent } from '@ebuy/events';
import { newId } from '@ebuy/kernel';

export type ProductState = EventPayload<'product.changed'>;

const trace = { correlationId: 'test', causationId: null };

export interface Variation {
  readonly variantId?: string;
  readonly sku?: string;
  readonly amountMinor?: number;
  readonly currency?: string;
}

export function variant({ variantId = newId(), sku = `SKU-${variantId}`, ...price }: Variation = {}) {
  const { amountMinor = 1_000, currency = 'EUR' } = price;
  return {
    variantId,
    sku,
    title: 'Default',
    selectedOptions: [{ name: 'Size', value: 'M' }],
    price: { amountMinor, currency },
    compareAtPrice: null,
  };
}

/** A published product with one variant. */
export function product(more: Partial<ProductState> = {}): ProductState {
  const productId = more.productId ?? newId();
  return {
    productId,
    version: 1,
    status: 'PUBLISHED',
    slug: `product-${productId}`,
    title: 'A lamp',
    descriptionHtml: '<p>It shines.</p>',
    vendor: 'Kiln',
    productType: 'Lamp',
    tags: ['light'],
    options: [{ name: 'Size', values: ['M'] }],
    images: [
      { url: '/pictures/one.webp', altText: 'One', width: 800, height: 600 },
      { url: '/pictures/two.webp', altText: null, width: null, height: null },
    ],
    collections: [],
    variants: [variant()],
    createdAt: '2026-11-01T10:00:00.000Z',
    updatedAt: '2026-11-01T10:00:00.000Z',
    publishedAt: '2026-11-01T10:00:00.000Z',
    withdrawnAt: null,
    ...more,
  };
}

export const productEvent = (state: ProductState): DomainEvent =>
  state.status === 'WITHDRAWN'
    ? newEvent('product.withdrawn', state, trace)
    : newEvent('product.changed', state, trace);

export const stockEvent = (
  productId: string,
  variantId: string,
  version: number,
  available: number,
  sold = 0,
): DomainEvent<'stock.changed'> =>
  newEvent('stock.changed', { productId, variantId, version, onHand: available, reserved: 0, available, sold }, trace);

export const ratingEvent = (
  productId: string,
  version: number,
  histogram: [number, number, number, number, number],
): DomainEvent<'rating.changed'> => newEvent('rating.changed', { productId, version, histogram }, trace);

/** What products and reviews tell of one product in its life; versions of each source rise by one. */
export function history(more: Partial<ProductState> = {}): DomainEvent[] {
  const [small, large] = [variant({ amountMinor: 900 }), variant({ amountMinor: 2_500 })];
  const born = product({ status: 'DRAFT', publishedAt: null, variants: [small, large], ...more });
  const { productId } = born;
  const shown = {
    ...born,
    version: 2,
    status: 'PUBLISHED' as const,
    updatedAt: '2026-11-02T10:00:00.000Z',
    publishedAt: '2026-11-02T10:00:00.000Z',
  };
  const dearer = { ...shown, version: 3, title: 'A better lamp', variants: [small, { ...large, sku: 'OTHER' }] };
  const withdrawn = {
    ...dearer,
    version: 4,
    status: 'WITHDRAWN' as const,
    updatedAt: '2026-11-04T10:00:00.000Z',
    withdrawnAt: '2026-11-04T10:00:00.000Z',
  };
  return [
    productEvent(born),
    stockEvent(productId, small.variantId, 1, 0),
    stockEvent(productId, large.variantId, 1, 3),
    productEvent(shown),
    stockEvent(productId, small.variantId, 2, 20),
    stockEvent(productId, small.variantId, 3, 19, 1),
    ratingEvent(productId, 1, [0, 0, 0, 0, 1]),
    productEvent(dearer),
    ratingEvent(productId, 2, [1, 0, 0, 0, 2]),
    stockEvent(productId, large.variantId, 2, 2, 1),
    productEvent(withdrawn),
    stockEvent(productId, small.variantId, 4, 12, 8),
  ];
}
