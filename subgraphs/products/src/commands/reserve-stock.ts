import { causedBy, type DomainEvent, newEvent } from '@ebuy/events';
import { linesOfEvent, shortagesOf, sumByVariant } from '../domain/reservation.ts';
import type { Database } from '../store/index.ts';
import { rememberRefused, reserveAllOrNothing } from '../store/reserve.ts';
import { stockChanged } from '../store/stock.ts';

/** order.placed: all lines are reserved or none. Undone by release-reservation. */
export async function reserveStock(
  database: Database,
  event: DomainEvent<'order.placed'>,
): Promise<'made' | 'refused' | 'ignored'> {
  const { orderId } = event.payload;
  const wanted = event.payload.lines.map((line) => ({ ...line, variantId: line.variantId.toLowerCase() }));
  const lines = sumByVariant(wanted);
  const trace = causedBy(event);
  const { made, enough, available } = await reserveAllOrNothing(database, {
    orderId,
    lines,
    made: newEvent('reservation.made', { orderId, lines: linesOfEvent(lines) }, trace),
    changed: stockChanged(lines.map(unknownLevel), trace),
  });
  if (made) return 'made';
  if (enough) return 'ignored';
  const shortages = shortagesOf(wanted, available);
  const refused = newEvent('reservation.refused', { orderId, shortages }, trace);
  return (await rememberRefused(database, orderId, refused)) ? 'refused' : 'ignored';
}

/** Before the statement that changes a level nobody knows it. */
const unknownLevel = ({ variantId }: { readonly variantId: string }) => ({
  variantId,
  productId: variantId,
  onHand: 0,
  reserved: 0,
  sold: 0,
  version: 1,
});
