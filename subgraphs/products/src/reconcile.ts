/** `npm run reconcile -- topics`: compares our topics with our store at once; the running service sends what is told again. */
import { reconcileTopic, runReconciliations } from '@ebuy/runtime';
import { topicTruths } from './commands/reconcile-topics.ts';
import { readConfig } from './config.ts';
import { openDatabase } from './store/index.ts';

await runReconciliations('products', async (logger, tell) => {
  const { databaseUrl, kafkaBrokers: brokers, namespace } = readConfig();
  const database = openDatabase(databaseUrl);
  try {
    const kafka = { brokers, clientId: 'products-reconcile', namespace, logger };
    for (const truth of topicTruths(database)) tell(truth.topic.name, await reconcileTopic(kafka, truth));
  } finally {
    await database.$disconnect();
  }
});
