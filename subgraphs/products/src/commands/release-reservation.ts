import { appendEvents, causedBy, type DomainEvent, newEvent } from '@ebuy/events';
import { linesOfEvent } from '../domain/reservation.ts';
import { type Database, inTransaction } from '../store/index.ts';
import { readReservationStatus, releaseReservation as release, rememberCancelled } from '../store/reservations.ts';
import { stockChanged } from '../store/stock.ts';
import { stepInstead } from './step-instead.ts';

/** order.cancelled: the units can be sold again; where none are held yet, none ever will be for this order. */
export async function releaseReservation(
  database: Database,
  event: DomainEvent<'order.cancelled'>,
): Promise<'released' | 'remembered' | 'ignored'> {
  const { orderId } = event.payload;
  const trace = causedBy(event);
  return inTransaction(database, async (tx) => {
    const { ended, levels, lines } = await release(tx, orderId);
    if (ended) {
      const released = newEvent('reservation.released', { orderId, lines: linesOfEvent(lines) }, trace);
      await appendEvents(tx, [released, ...stockChanged(levels, trace)]);
      return 'released';
    }
    const step = stepInstead('order.cancelled', await readReservationStatus(tx, orderId), orderId);
    if (step === 'ignore') return 'ignored';
    await rememberCancelled(tx, orderId);
    return 'remembered';
  });
}
