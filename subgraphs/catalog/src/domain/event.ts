import { type DomainEvent, type EventPayload, newEvent, type Trace } from '@ebuy/events';
import type { CatalogProduct, Shown } from './catalog-product.ts';

/** What the catalog tells of a product; null for a stub. */
export function payloadOf({
  version,
  shown,
}: {
  readonly version: number;
  readonly shown?: Shown | null | undefined;
}): EventPayload<'catalogProduct.changed'> | null {
  return shown ? { ...shown, version } : null;
}

/** `changed` while it is on sale, `withdrawn` in any state in which no shopper finds it. */
export function catalogEvent(product: CatalogProduct, trace: Trace, at: Date): DomainEvent {
  const payload = payloadOf(product);
  if (payload === null) throw new Error('Nobody is told of a stub');
  return payload.status === 'PUBLISHED'
    ? newEvent('catalogProduct.changed', payload, trace, at)
    : newEvent('catalogProduct.withdrawn', payload, trace, at);
}
