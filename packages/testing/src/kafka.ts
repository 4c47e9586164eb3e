/** Topics of its own for a test, a way to put events on them, and all that was ever put on one. */
import {
  type ConsumerGroup,
  createKafka,
  createProducer,
  type DomainEvent,
  decodeEvent,
  encodeEvent,
  ensureTopics,
  eventDefinition,
  groupId,
  type KafkaSettings,
  type Topic,
  topicName,
} from '@ebuy/events';
import { createLogger } from '@ebuy/runtime';
import { testEngines } from './engines.ts';
import { eventually } from './eventually.ts';
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
  /** Waits until a consumer group has applied all that its topic has by now. Of what a relay is to carry there first, it knows nothing. */
  caughtUp(group: ConsumerGroup): Promise<void>;
  close(): Promise<void>;
}

type TestProducer = ReturnType<typeof createProducer>;

/** As a relay sends: a producer that failed never sends again, so another one does, and perhaps a second time. */
function openSender(kafka: ReturnType<typeof createKafka>) {
  let current: Promise<TestProducer> | undefined;
  const connected = async (): Promise<TestProducer> => {
    const producer = createProducer(kafka);
    await producer.connect();
    return producer;
  };
  return {
    send: (topic: string, key: string, value: string): Promise<void> =>
      eventually(
        async () => {
          current ??= connected();
          const mine = current;
          try {
            await (await mine).send({ topic, messages: [{ key, value }] });
          } catch (error) {
            if (current === mine) current = undefined;
            await mine.then((producer) => producer.disconnect()).catch(() => undefined);
            throw error;
          }
        },
        { everyMs: 250 },
      ),
    disconnect: async (): Promise<void> => (await current)?.disconnect(),
  };
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
  const { send, disconnect } = openSender(kafka);
  const closing: (() => Promise<unknown>)[] = [disconnect];
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
    async caughtUp(group) {
      const topic = topicName(namespace, group.topic);
      const admin = kafka.admin();
      await admin.connect();
      try {
        const ends = await admin.fetchTopicOffsets(topic);
        await eventually(async () => {
          const [read] = await admin.fetchOffsets({ groupId: groupId(namespace, group), topics: [topic] });
          for (const { partition, high } of ends.filter((end) => Number(end.high) > Number(end.low))) {
            const { offset = '-1' } = read?.partitions.find((one) => one.partition === partition) ?? {};
            if (Number(offset) < Number(high)) throw new Error(`${topic}/${partition} is read to ${offset} of ${high}`);
          }
        });
      } finally {
        await admin.disconnect();
      }
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
