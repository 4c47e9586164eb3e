/**
 * `npm run rebuild -- catalog`: makes the read model anew from the topics while the service serves. A process of its own with the
 * service's settings; it can be stopped and run again at any time.
 */
import { createLogger, InvalidSettings } from '@ebuy/runtime';
import { rebuildCatalog } from './commands/rebuild-catalog.ts';
import { Shelves } from './commands/shelves.ts';
import { readConfig } from './config.ts';
import { openStore } from './store/index.ts';
import { openSourceTopics } from './store/topics.ts';

const nobody = () => undefined;

async function rebuild(): Promise<boolean> {
  const { mongodbUrl, kafkaBrokers: brokers, namespace, logLevel } = readConfig();
  const logger = createLogger('catalog-rebuild', logLevel);
  // The running service's relay finds by itself what waits.
  const store = await openStore(mongodbUrl, logger, { onProduct: nobody, onCollection: nobody });
  const topics = await openSourceTopics({ brokers, clientId: 'catalog-rebuild', namespace, logger });
  try {
    const shelves = new Shelves(store.collections);
    const needs = { store, shelves, now: () => new Date(), logger, onMissed: nobody, onRelationsChanged: nobody };
    const rebuilt = await rebuildCatalog(needs, topics);
    const perSecond = Math.round((rebuilt.products * 1_000) / Math.max(1, rebuilt.tookMs));
    process.stdout.write(`${JSON.stringify({ ...rebuilt, documentsPerSecond: perSecond })}\n`);
    return rebuilt.failed.length === 0;
  } finally {
    await topics.close();
    await store.close();
  }
}

try {
  process.exitCode = (await rebuild()) ? 0 : 1;
} catch (error) {
  if (!(error instanceof InvalidSettings)) createLogger('catalog-rebuild').fatal({ err: error }, 'not rebuilt');
  else process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
