import { CONSUMER_GROUPS, type Reaction } from '@ebuy/events';
import type { Counter } from 'prom-client';
import { consumeReservation } from '../commands/consume-reservation.ts';
import { releaseReservation } from '../commands/release-reservation.ts';
import { reserveStock } from '../commands/reserve-stock.ts';
import type { Database } from '../store/index.ts';

/** The reservation's own row, keyed by the order, makes each of these happen once: no inbox row is needed beside it. */
export function createReactions(database: Database, outcomes: Counter<'outcome'>): Reaction[] {
  return [
    {
      group: CONSUMER_GROUPS.keepReservations,
      on: {
        'order.placed': async (event) => outcomes.inc({ outcome: await reserveStock(database, event) }),
        'order.cancelled': async (event) => outcomes.inc({ outcome: await releaseReservation(database, event) }),
        'order.shipped': async (event) => outcomes.inc({ outcome: await consumeReservation(database, event) }),
      },
    },
  ];
}
