/** Topics of its own for a test, a way to put events on them, and all that was ever put on one. */
import {
  createKafka,
  createProducer,
  type DomainEvent,
  decodeEvent,
  encodeEvent,
  ensureTopics,
  eventDefinition,
  type KafkaSettings,
  type Topic,
  topicName,
} from '@ebuy/events';
import { createLogger } from '@ebuy/runtime';
import { testEngines } from './engines.ts';
import { testNamespace } from './namespace.ts';

export interface TestKafka {
  readonly namespace: string;
  readonly settings: KafkaSettings;
  /** Puts events on their topics, as the relay does. */
  publish(events: readonly DomainEvent[]): Promise<void>;
  /** Puts a raw record on a topic: for what no producer of ours would send. */
  publishRaw(topic: Topic, key: string, value: string): Promise<void>;
  /** Everything on a topic so far, in the order of its partitions; grows as records arrive. */
  watch(topic: Topic): Promise<{ readonly events: readonly DomainEvent[] }>;
  close(): Promise<void>;
}

export async function openTestKafka(namespace = `${testNamespace()}.`): Promise<TestKafka> {
  const settings: KafkaSettings = {
    brokers: [testEngines().kafka],
    clientId: 'test',
    namespace,
    logger: createLogger('test', 'silent'),
  };
  await ensureTopics(settings, { partitions: 3 });
  const kafka = createKafka(settings);
  const producer = createProducer(kafka);
  await producer.connect();
  const closing: (() => Promise<unknown>)[] = [() => producer.disconnect()];
  const send = (topic: string, key: string, value: string) => producer.send({ topic, messages: [{ key, value }] });
  return {
    namespace,
    settings,
    async publish(events) {
      for (const event of events) {
        const topic = eventDefinition(event.type)?.topic as Topic;
        await send(topicName(namespace, topic), event.subject, encodeEvent(event));
      }
    },
    async publishRaw(topic, key, value) {
      await send(topicName(namespace, topic), key, value);
    },
    async watch(topic) {
      const events: DomainEvent[] = [];
      const consumer = kafka.consumer({ groupId: `${namespace}watch-${testNamespace()}`, maxWaitTimeInMs: 100 });
      await consumer.connect();
      closing.push(() => consumer.disconnect());
      await consumer.subscribe({ topic: topicName(namespace, topic), fromBeginning: true });
      await consumer.run({
        autoCommit: false,
        eachMessage: async ({ message }) => {
          if (message.value !== null) events.push(decodeEvent(message.value.toString()));
        },
      });
      return { events };
    },
    async close() {
      await Promise.all(closing.map((end) => end()));
      const admin = kafka.admin();
      await admin.connect();
      const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(namespace));
      await admin.deleteTopics({ topics });
      await admin.disconnect();
    },
  };
}
