import { Fault } from '@ebuy/kernel';
import { ANONYMOUS, type GraphClient } from '@ebuy/runtime';
import type { ReservationOfOrder } from '../domain/followed.ts';

export interface Reservations {
  /** At most 100; those that were never heard of are missing. Throws a retryable Fault when products cannot say. */
  reservationsOfOrders(orderIds: readonly string[], correlationId: string): Promise<readonly ReservationOfOrder[]>;
  /** Orders for which units are held for more than a minute, by their ids, a hundred at a time. */
  heldReservations(after: string | null, correlationId: string): Promise<readonly ReservationOfOrder[]>;
}

const OF_ORDERS = `query ReservationsOfOrders($orderIds: [ID!]!) {
  reservations: reservationsOfOrders(orderIds: $orderIds) { orderId status }
}`;
const HELD = `query HeldReservations($after: ID) { reservations: heldReservations(after: $after) { orderId status } }`;

export function reservationsOf(graph: GraphClient): Reservations {
  const ask = async (query: string, variables: Record<string, unknown>, correlationId: string) => {
    const { result, errors } = await graph.ask<{ reservations: readonly ReservationOfOrder[] | null }>({
      query,
      variables,
      caller: ANONYMOUS,
      correlationId,
    });
    if (errors.length > 0 || !result?.reservations) {
      throw new Fault(`products could not answer: ${errors[0]?.extensions?.code ?? 'no reservations'}`, {
        retryable: true,
      });
    }
    return result.reservations;
  };
  return {
    reservationsOfOrders: (orderIds, correlationId) => ask(OF_ORDERS, { orderIds }, correlationId),
    heldReservations: (after, correlationId) => ask(HELD, { after }, correlationId),
  };
}
