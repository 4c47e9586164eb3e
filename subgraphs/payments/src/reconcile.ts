/** `npm run reconcile -- payments`: compares with the provider at once, beside the running service, which makes the calls and sends the events. */
import { runReconciliations } from '@ebuy/runtime';
import { readConfig } from './config.ts';
import { openProvider } from './provider/open.ts';
import { openStore } from './store/index.ts';
import { reconcileAll } from './sweeps/reconcile.ts';

/** As long as events are kept. */
const LOOK_BACK_MS = 31 * 86_400_000;

await runReconciliations('payments', async (_logger, tell) => {
  const settings = readConfig();
  const store = openStore(settings.databaseUrl);
  const provider = openProvider(settings);
  try {
    const needs = { store, provider, makeCalls: async () => undefined, now: () => new Date() };
    tell('payments', await reconcileAll(needs, new Date(Date.now() - LOOK_BACK_MS)));
  } finally {
    await provider.close();
    await store.$disconnect();
  }
});
