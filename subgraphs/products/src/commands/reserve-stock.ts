import { appendEvents, causedBy, type DomainEvent, newEvent } from '@ebuy/events';
import { linesOfEvent, shortagesOf, sumByVariant } from '../domain/reservation.ts';
import { type Database, inTransaction } from '../store/index.ts';
import { decideReservation } from '../store/reservations.ts';
import { stockChanged } from '../store/stock.ts';

/** order.placed: all lines are reserved or none. Undone by release-reservation. */
export async function reserveStock(
  database: Database,
  event: DomainEvent<'order.placed'>,
): Promise<'made' | 'refused' | 'ignored'> {
  const { orderId } = event.payload;
  const lines = event.payload.lines.map((line) => ({ ...line, variantId: line.variantId.toLowerCase() }));
  const sums = sumByVariant(lines);
  const trace = causedBy(event);
  return inTransaction(database, async (tx) => {
    const { status, levels, available } = await decideReservation(tx, orderId, sums);
    if (status === null) return 'ignored';
    if (status === 'REFUSED') {
      const shortages = shortagesOf(lines, available);
      await appendEvents(tx, [newEvent('reservation.refused', { orderId, shortages }, trace)]);
      return 'refused';
    }
    const made = newEvent('reservation.made', { orderId, lines: linesOfEvent(sums) }, trace);
    await appendEvents(tx, [made, ...stockChanged(levels, trace)]);
    return 'made';
  });
}
