import { Fault } from '@ebuy/kernel';
import { RESERVATION_STEPS, type ReservationCause, type ReservationStatus } from '../domain/reservation.ts';

/**
 * What the status table says of an event whose usual step found nothing to do. Throws for a contradiction, which then waits for
 * people among the dead letters, and for a status that moved while we looked, which the next try sees.
 */
export function stepInstead(
  cause: ReservationCause,
  status: ReservationStatus | null,
  orderId: string,
): 'ignore' | 'remember' {
  const step = RESERVATION_STEPS[cause][status ?? 'NONE'];
  if (step === 'ignore' || step === 'remember') return step;
  if (step === 'impossible') {
    throw new Fault(`${cause} for order ${orderId}, whose reservation is ${status ?? 'not known'}`, {
      retryable: false,
    });
  }
  throw new Fault(`The reservation of order ${orderId} changed at this moment`, { retryable: true });
}
