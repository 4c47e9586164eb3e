import { createGraphClient } from '@ebuy/runtime';
import type { Settings } from '../config.ts';
import { type PaymentsClient, paymentsOf } from './payments.ts';
import { type Reservations, reservationsOf } from './reservations.ts';

/** Nobody waits for reconciliation: products and payments may take longer for it than while an order is placed. */
const DEADLINE_MS = 10_000;

/** Who is asked what became of orders. */
export function openNeighbours({
  productsUrl,
  paymentsUrl,
  identitySignKeys: keys,
}: Pick<Settings, 'productsUrl' | 'paymentsUrl' | 'identitySignKeys'>): {
  readonly reservations: Reservations;
  readonly payments: PaymentsClient;
  close(): Promise<void>;
} {
  const from = { from: 'orders', keys, deadlineMs: DEADLINE_MS };
  const products = createGraphClient({ ...from, to: 'products', url: productsUrl });
  const payments = createGraphClient({ ...from, to: 'payments', url: paymentsUrl });
  return {
    reservations: reservationsOf(products),
    payments: paymentsOf(payments),
    async close() {
      await Promise.all([products.close(), payments.close()]);
    },
  };
}
