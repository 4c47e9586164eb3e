/** A topic that does not end with what the store has, planted case by case: told again, or reported. No relay runs: what is told waits. */
import { type DomainEvent, decodeEvent, newEvent } from '@ebuy/events';
import { type Findings, reconcileTopic } from '@ebuy/runtime';
import { openTestKafka, openTestPostgres, type TestDatabase, type TestKafka } from '@ebuy/testing';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { topicTruth } from '../src/commands/reconcile-topic.ts';
import { type Database, openDatabase } from '../src/store/index.ts';

let postgres: TestDatabase;
let kafka: TestKafka;
let database: Database;

beforeAll(async () => {
  [postgres, kafka] = await Promise.all([openTestPostgres('users'), openTestKafka()]);
  database = openDatabase(postgres.url);
});
afterAll(async () => {
  await database?.$disconnect();
  await Promise.all([kafka?.close(), postgres?.drop()]);
});
afterEach(() => postgres.query('TRUNCATE shop_user, outbox CASCADE'));

let users = 0;
/** Someone whom the store has in a version; `told` are the versions on the topic, in that order. */
async function someone(version: number | null, told: readonly number[]): Promise<string> {
  users += 1;
  const userId = `user-${users}`;
  if (version !== null) {
    await postgres.query('INSERT INTO shop_user (id, version, created_at, updated_at) VALUES ($1, $2, now(), now())', [
      userId,
      version,
    ]);
  }
  await kafka.publish(told.map((one) => state(userId, one)));
  return userId;
}

const state = (userId: string, version: number, status: 'ACTIVE' | 'ERASED' = 'ACTIVE') =>
  newEvent(status === 'ACTIVE' ? 'user.changed' : 'user.erased', { userId, status, version }, TRACE);
const TRACE = { correlationId: 'test', causationId: null };

const reconcile = (): Promise<Findings> => reconcileTopic(kafka.settings, topicTruth(database));
async function toldAgain(): Promise<DomainEvent[]> {
  const rows = await postgres.query<{ value: string }>('SELECT value FROM outbox ORDER BY position');
  return rows.map(({ value }) => decodeEvent(value));
}
const about = ({ reported }: Findings, subject: string) =>
  reported.filter((one) => one.subject === subject).map(({ kind }) => kind);

test('what the topic ends with is not told again', async () => {
  await someone(2, [1, 2]);
  expect(await reconcile()).toMatchObject({ compared: 1, repaired: {} });
  expect(await toldAgain()).toEqual([]);
});

test.each([
  ['an event that was lost', 3, [1, 2], 'older states told again'],
  ['an older state put behind a newer one', 2, [1, 2, 1], 'older states told again'],
  ['a topic that lost everything', 2, [], 'missing states told again'],
] as const)('%s: the whole state is told again, as it is now', async (_what, version, told, repair) => {
  const userId = await someone(version, told);
  expect((await reconcile()).repaired).toEqual({ [repair]: 1 });
  expect(await toldAgain()).toMatchObject([{ subject: userId, payload: { userId, status: 'ACTIVE', version } }]);
});

test('many at once, each once', async () => {
  const ids = await Promise.all(Array.from({ length: 230 }, () => someone(1, [])));
  expect(await reconcile()).toMatchObject({ compared: 230, repaired: { 'missing states told again': 230 } });
  expect((await toldAgain()).map(({ subject }) => subject).toSorted()).toEqual(ids.toSorted());
});

test('what still waits to be sent is left alone', async () => {
  const userId = await someone(2, [1]);
  await postgres.query(
    `INSERT INTO outbox (id, topic, key, value) VALUES (gen_random_uuid(), 'ebuy.users.user.v1', $1, '{}')`,
    [userId],
  );
  expect(await reconcile()).toMatchObject({ compared: 0, repaired: {} });
});

test('a version that the store does not have, and a user whom it does not have, are reported', async () => {
  const ahead = await someone(2, [5]);
  const stranger = await someone(null, [1]);
  const findings = await reconcile();
  expect(findings.repaired).toEqual({});
  expect([about(findings, ahead), about(findings, stranger)]).toEqual([['topic_ahead'], ['topic_stranger']]);
  expect(await toldAgain()).toEqual([]);
});

test('one who was erased may be gone', async () => {
  const erased = await someone(null, [1]);
  await kafka.publish([state(erased, 2, 'ERASED')]);
  expect(about(await reconcile(), erased)).toEqual([]);
});
