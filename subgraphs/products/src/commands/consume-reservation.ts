import { appendEvents, causedBy, type DomainEvent, newEvent } from '@ebuy/events';
import { linesOfEvent } from '../domain/reservation.ts';
import { type Database, inTransaction } from '../store/index.ts';
import { consumeReservation as consume, readReservationStatus } from '../store/reservations.ts';
import { stockChanged } from '../store/stock.ts';
import { stepInstead } from './step-instead.ts';

/** order.shipped: the units have left the warehouse. */
export async function consumeReservation(
  database: Database,
  event: DomainEvent<'order.shipped'>,
): Promise<'consumed' | 'ignored'> {
  const { orderId } = event.payload;
  const trace = causedBy(event);
  return inTransaction(database, async (tx) => {
    const { ended, levels, lines } = await consume(tx, orderId);
    if (!ended) {
      stepInstead('order.shipped', await readReservationStatus(tx, orderId), orderId);
      return 'ignored';
    }
    const consumed = newEvent('reservation.consumed', { orderId, lines: linesOfEvent(lines) }, trace);
    await appendEvents(tx, [consumed, ...stockChanged(levels, trace)]);
    return 'consumed';
  });
}
