/** What the provider does by itself: settles what is pending, sends what it has to tell. Woken when there is something, else once a second. */
import type { Logger } from '@ebuy/runtime';
import { settlePending, type Terms } from './authorizations.ts';
import { type Database, inTransaction } from './database.ts';
import { settlePendingRefunds } from './refunds.ts';
import { pruneDeliveries, sendDueWebhooks, type WebhookSettings } from './webhooks.ts';

const EVERY_MS = 1_000;
const PRUNE_MS = 3_600_000;

export interface Clock {
  wake(afterMs?: number): void;
  stop(): Promise<void>;
}

export function startClock(options: {
  readonly database: Database;
  readonly webhooks: WebhookSettings;
  readonly terms: () => Terms;
  readonly logger: Logger;
}): Clock {
  const { database, webhooks, terms, logger } = options;
  const timers = new Set<NodeJS.Timeout>();
  let running: Promise<void> | null = null;
  let again = false;
  let stopped = false;
  let prunedAt = 0;

  const round = async () => {
    await inTransaction(database, async (client) => {
      await settlePending(client, terms());
      await settlePendingRefunds(client);
    });
    while (await sendDueWebhooks(database, webhooks, logger)) if (stopped) return;
    if (Date.now() - prunedAt > PRUNE_MS) {
      prunedAt = Date.now();
      await pruneDeliveries(database);
    }
  };

  const run = () => {
    if (stopped) return;
    if (running !== null) {
      again = true;
      return;
    }
    again = false;
    running = round()
      .catch((error: unknown) => logger.warn({ err: error }, 'a round failed; it comes again'))
      .finally(() => {
        running = null;
        if (again) run();
      });
  };

  const ticking = setInterval(run, EVERY_MS);
  return {
    wake(afterMs = 0) {
      if (stopped || timers.size > 1_000) return;
      const timer = setTimeout(() => {
        timers.delete(timer);
        run();
      }, afterMs);
      timers.add(timer);
    },
    async stop() {
      stopped = true;
      clearInterval(ticking);
      timers.forEach(clearTimeout);
      await running;
    },
  };
}
