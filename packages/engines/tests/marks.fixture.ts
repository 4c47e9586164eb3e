// Writes one word into an engine through its usual client, and reads it back: what was acknowledged must still be there.
import type { RunningEngine } from '@ebuy/engines';
import { Client } from '@opensearch-project/opensearch';
import { Redis } from 'ioredis';
import { Kafka, logLevel } from 'kafkajs';
import mongoose from 'mongoose';
import pg from 'pg';

interface Mark {
  write(url: string, word: string): Promise<void>;
  read(url: string): Promise<string | null>;
}

const onPostgresql = async <Result>(url: string, work: (client: pg.Client) => Promise<Result>): Promise<Result> => {
  const client = new pg.Client({ connectionString: `${url}/postgres` });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
};

const onMongodb = async <Result>(
  url: string,
  work: (connection: mongoose.Connection) => Promise<Result>,
): Promise<Result> => {
  const connection = await mongoose
    .createConnection(`${url}/marks`, { autoCreate: false, autoIndex: false })
    .asPromise();
  try {
    return await work(connection);
  } finally {
    await connection.close();
  }
};

const onRedis = async <Result>(url: string, work: (client: Redis) => Promise<Result>): Promise<Result> => {
  const client = new Redis(url);
  try {
    return await work(client);
  } finally {
    client.disconnect();
  }
};

const onOpensearch = async <Result>(url: string, work: (client: Client) => Promise<Result>): Promise<Result> => {
  const client = new Client({ node: url });
  try {
    return await work(client);
  } finally {
    await client.close();
  }
};

const kafkaAt = (url: string): Kafka => new Kafka({ clientId: 'mark', brokers: [url], logLevel: logLevel.NOTHING });

const MARKS: Readonly<Record<string, Mark>> = {
  postgresql: {
    write: (url, word) =>
      onPostgresql(url, async (client) => {
        await client.query('CREATE TABLE IF NOT EXISTS mark (word text)');
        await client.query('INSERT INTO mark VALUES ($1)', [word]);
      }),
    read: (url) =>
      onPostgresql(
        url,
        async (client) => (await client.query<{ word: string }>('SELECT word FROM mark')).rows[0]?.word ?? null,
      ),
  },
  mongodb: {
    write: (url, word) =>
      onMongodb(url, async (connection) => {
        await connection.collection<{ _id: string; word: string }>('mark').insertOne({ _id: 'mark', word });
      }),
    read: (url) =>
      onMongodb(url, async (connection) => {
        const found = await connection.collection<{ _id: string; word: string }>('mark').findOne({ _id: 'mark' });
        return found?.word ?? null;
      }),
  },
  redis: {
    write: (url, word) => onRedis(url, async (client) => void (await client.set('mark', word))),
    read: (url) => onRedis(url, (client) => client.get('mark')),
  },
  opensearch: {
    write: (url, word) =>
      onOpensearch(url, async (client) => {
        await client.indices.create({ index: 'mark' });
        await client.index({ index: 'mark', id: 'mark', body: { word } });
      }),
    read: (url) =>
      onOpensearch(url, async (client) => {
        const found = await client.get({ index: 'mark', id: 'mark' });
        return found.body._source?.word as string;
      }),
  },
  kafka: {
    write: async (url, word) => {
      const kafka = kafkaAt(url);
      const admin = kafka.admin();
      await admin.connect();
      await admin.createTopics({ topics: [{ topic: 'mark' }], waitForLeaders: true });
      await admin.disconnect();
      const producer = kafka.producer();
      await producer.connect();
      await producer.send({ topic: 'mark', messages: [{ value: word }] });
      await producer.disconnect();
    },
    read: async (url) => {
      const consumer = kafkaAt(url).consumer({ groupId: 'mark', maxWaitTimeInMs: 100 });
      const word = Promise.withResolvers<string | null>();
      await consumer.connect();
      await consumer.subscribe({ topic: 'mark', fromBeginning: true });
      await consumer.run({
        eachMessage: async ({ message }) => word.resolve(message.value?.toString() ?? null),
      });
      const read = await word.promise;
      await consumer.disconnect();
      return read;
    },
  },
};

const markOf = ({ name }: RunningEngine): Mark => {
  const mark = MARKS[name];
  if (mark === undefined) throw new Error(`no mark for ${name}`);
  return mark;
};

export const writeMark = (engine: RunningEngine, word: string): Promise<void> => markOf(engine).write(engine.url, word);
export const readMark = (engine: RunningEngine): Promise<string | null> => markOf(engine).read(engine.url);
