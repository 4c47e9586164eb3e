/** `npm run reconcile -- topics`: compares our topics with our store at once; the running service sends what is told again. */
import { reconcileTopic, runReconciliations } from '@ebuy/runtime';
import { topicTruths } from './commands/reconcile-topics.ts';
import { readConfig } from './config.ts';
import { openStore } from './store/index.ts';

const nobody = () => undefined;

await runReconciliations('catalog', async (logger, tell) => {
  const { mongodbUrl, kafkaBrokers: brokers, namespace } = readConfig();
  const store = await openStore(mongodbUrl, logger, { onProduct: nobody, onCollection: nobody });
  try {
    const kafka = { brokers, clientId: 'catalog-reconcile', namespace, logger };
    for (const truth of topicTruths(store)) tell(truth.topic.name, await reconcileTopic(kafka, truth));
  } finally {
    await store.close();
  }
});
