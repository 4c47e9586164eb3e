/** `npm run reconcile -- topics`: compares our topic with our store at once; the running service sends what is told again. */
import { reconcileTopic, runReconciliations } from '@ebuy/runtime';
import { topicTruth } from './commands/reconcile-topic.ts';
import { readConfig } from './config.ts';
import { openDatabase } from './store/index.ts';

await runReconciliations('users', async (logger, tell) => {
  const { databaseUrl, kafkaBrokers: brokers, namespace } = readConfig();
  const database = openDatabase(databaseUrl);
  try {
    const truth = topicTruth(database);
    const kafka = { brokers, clientId: 'users-reconcile', namespace, logger };
    tell(truth.topic.name, await reconcileTopic(kafka, truth));
  } finally {
    await database.$disconnect();
  }
});
