/**
 * Runs a reaction: reads its topic, hands each event to its handler, moves on only once it is applied or put aside.
 *
 * - Within a partition strictly one after another, or many at once in their order (`onBatch`); partitions side by side.
 * - What becomes of an event that cannot be applied stands in worker.ts.
 * - A consumer that kafkajs gives up is started again: it does so by itself for what it thinks will pass, and for nothing else.
 */
import { groupId, topicName } from '../topology.ts';
import { createKafka, createUnorderedProducer } from './client.ts';
import { consumerName, type Reaction } from './reaction.ts';
import { type ConsumerOptions, Worker } from './worker.ts';

/** A replica that dies silently is missed after this long, and its partitions go to the others. */
const SESSION_TIMEOUT_MS = 12_000;
/** One that is started again in its place waits this long for the dead one to speak up. */
const REBALANCE_TIMEOUT_MS = 6_000;
const HEARTBEAT_MS = 2_000;
const RESTART_MS = 1_000;
/** What Kafka did not take at once is offered again. */
const COMMIT_AGAIN_MS = 5_000;

export interface RunningConsumer {
  /** Finishes the event in hand, commits, leaves the group. */
  stop(): Promise<void>;
}

export async function runReaction(reaction: Reaction, options: ConsumerOptions): Promise<RunningConsumer> {
  const { namespace } = options.kafka;
  const kafka = createKafka(options.kafka);
  const consumer = kafka.consumer({
    groupId: groupId(namespace, reaction.group),
    sessionTimeout: SESSION_TIMEOUT_MS,
    rebalanceTimeout: REBALANCE_TIMEOUT_MS,
    heartbeatInterval: HEARTBEAT_MS,
    maxWaitTimeInMs: 1_000,
    allowAutoTopicCreation: false,
    retry: { initialRetryTime: 200, maxRetryTime: 3_000, retries: 10, restartOnFailure: async () => !worker.stopping },
  });
  const graveyard = createUnorderedProducer(kafka);
  const worker = new Worker(reaction, options, graveyard);
  const run = () =>
    consumer.run({
      eachBatchAutoResolve: false,
      autoCommitInterval: COMMIT_AGAIN_MS,
      partitionsConsumedConcurrently: options.concurrency ?? 6,
      eachBatch: (batch) => worker.work(batch),
    });
  // One that fails says so by itself, and comes again.
  const committing = setInterval(() => worker.commitWhatIsLeft().catch(() => undefined), COMMIT_AGAIN_MS);
  let restart: NodeJS.Timeout | undefined;
  const runAgain = (error: unknown) => {
    if (worker.stopping) return;
    const { logger } = options.kafka;
    logger.error({ consumer: consumerName(reaction.group), err: error }, 'a consumer was given up; it starts again');
    restart = setTimeout(() => run().catch(runAgain), RESTART_MS);
  };
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    if (!payload.restart) runAgain(payload.error);
  });
  const stop = async () => {
    worker.stopping = true;
    clearTimeout(restart);
    clearInterval(committing);
    await consumer.disconnect();
    await graveyard.disconnect();
  };
  try {
    await Promise.all([consumer.connect(), graveyard.connect()]);
    await consumer.subscribe({ topic: topicName(namespace, reaction.group.topic), fromBeginning: true });
    await run();
  } catch (error) {
    await stop().catch(() => undefined);
    throw error;
  }
  return { stop };
}
