import { testEngines } from '@ebuy/testing';
import { expect, test } from '@jest/globals';
import { watchKafka } from '../src/index.ts';

const settingsOf = (broker: string) => ({ brokers: [broker], clientId: 'test.presence', namespace: '' });

test('says that Kafka is there, however many ask', async () => {
  const presence = watchKafka(settingsOf(testEngines().kafka));
  await Promise.all([presence.check(), presence.check()]);
  await presence.check();
  await presence.close();
});

test('says that it is away, again and again', async () => {
  // Nobody listens on the port that stands for none.
  const presence = watchKafka(settingsOf('127.0.0.1:1'));
  await expect(presence.check()).rejects.toThrow();
  await expect(presence.check()).rejects.toThrow();
  await presence.close();
});
