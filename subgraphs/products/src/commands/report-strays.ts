import type { Logger } from '@ebuy/runtime';
import type { Gauge } from 'prom-client';
import type { Database } from '../store/index.ts';
import { findStrays } from '../store/reservations.ts';

/** Reports only: giving units back here would race an order that is about to be paid. Orders alone keeps deadlines. */
export async function reportStrays(
  database: Database,
  { afterHours, gauge, logger }: { afterHours: number; gauge: Gauge; logger: Logger },
): Promise<number> {
  const strays = await findStrays(database, afterHours);
  gauge.set(strays.length);
  for (const { orderId, madeAt } of strays) {
    logger.error(
      { orderId, madeAt, afterHours },
      'units are held longer than an order may wait: ship or cancel the order, or find out why it ended without a word',
    );
  }
  return strays.length;
}
