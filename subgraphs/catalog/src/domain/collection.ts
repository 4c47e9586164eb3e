import type { EventPayload } from '@ebuy/events';
import type { Money } from '@ebuy/kernel';

export interface CollectionRule {
  readonly tag: string | null;
  readonly productType: string | null;
  readonly vendor: string | null;
  readonly maxPrice: Money | null;
}

export interface Collection {
  readonly id: string;
  readonly version: number;
  readonly slug: string;
  readonly title: string;
  readonly description: string | null;
  /** Members by hand, in their order. */
  readonly productIds: readonly string[];
  readonly rule: CollectionRule | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** A collection's whole state, as its event tells it. */
export function stateOf({
  id,
  productIds,
  createdAt,
  updatedAt,
  ...rest
}: Collection): EventPayload<'collection.changed'> {
  return {
    collectionId: id,
    ...rest,
    productIds: [...productIds],
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}
