import { type DomainEvent, newEvent, type Trace } from '@ebuy/events';

/** A variant's levels after a change: what the statement that changed them returned. */
export interface StockLevel {
  readonly variantId: string;
  readonly productId: string;
  readonly onHand: number;
  readonly reserved: number;
  readonly sold: number;
  readonly version: number;
}

export function stockChanged(levels: readonly StockLevel[], trace: Trace): DomainEvent<'stock.changed'>[] {
  return levels.map(({ variantId, productId, onHand, reserved, sold, version }) =>
    newEvent(
      'stock.changed',
      { variantId, productId, onHand, reserved, available: onHand - reserved, sold, version },
      trace,
    ),
  );
}
