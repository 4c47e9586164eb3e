/** `npm run reconcile -- reservations`: compares our orders with products and payments at once; the running service sends what is said again. */
import { runReconciliations } from '@ebuy/runtime';
import { openNeighbours } from './clients/neighbours.ts';
import { reconcileAllOrders } from './commands/reconciliation.ts';
import { readConfig } from './config.ts';
import { openStore } from './store/index.ts';

await runReconciliations('orders', async (_logger, tell) => {
  const settings = readConfig();
  const store = openStore(settings.databaseUrl);
  const { close, ...neighbours } = openNeighbours(settings);
  try {
    tell('reservations', await reconcileAllOrders({ store, ...neighbours, now: () => new Date() }));
  } finally {
    await Promise.all([close(), store.$disconnect()]);
  }
});
