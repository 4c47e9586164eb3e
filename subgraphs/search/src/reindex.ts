/** `npm run reindex [-- --from-topic]` of a shop that runs: see commands/reindex.ts. Ends with 0 once the new version is in its place. */
import { createLogger } from '@ebuy/runtime';
import { reindex } from './commands/reindex.ts';
import { readConfig } from './config.ts';
import { openEngine } from './store/engine.ts';
import { indexNames } from './store/names.ts';
import { IndexVersions } from './store/versions.ts';
import { documentWriter } from './store/writer.ts';

const logger = createLogger('search-reindex');
try {
  const { opensearchUrl, namespace, currency, kafkaBrokers: brokers } = readConfig();
  const engine = openEngine(opensearchUrl);
  const names = indexNames(namespace);
  const needs = {
    engine,
    versions: new IndexVersions(engine, names, currency, logger),
    writer: documentWriter(engine, names, () => undefined),
    kafka: { brokers, clientId: 'search-reindex', namespace, logger },
    currency,
    logger,
    now: () => new Date(),
  };
  await reindex(needs, { fromTopic: process.argv.includes('--from-topic') });
  await engine.close();
} catch (error) {
  logger.fatal({ err: error }, 'the reindex did not come to its end; run it again');
  process.exitCode = 1;
}
