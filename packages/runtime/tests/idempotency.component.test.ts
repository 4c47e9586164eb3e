import { Refusal } from '@ebuy/kernel';
import { openTestPostgres, type TestDatabase } from '@ebuy/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type IdempotentRequest, once, pruneIdempotencyKeys } from '../src/index.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestPostgres('products');
  await database.query('CREATE TABLE effect (key text)');
});
afterAll(() => database.drop());

const request = (key: string, input: unknown = { a: 1, b: [2] }): IdempotentRequest => ({
  principal: 'user:1',
  operation: 'test',
  key,
  input,
});
const run = (key: string, input?: unknown, hold: () => Promise<void> = async () => undefined) =>
  once(database.sql, request(key, input), async (settle) => {
    await hold();
    return database.transaction(async (tx) => {
      await tx.$executeRawUnsafe('INSERT INTO effect (key) VALUES ($1)', key);
      await settle(tx, { made: key });
      return { made: key };
    });
  });
const effects = async (key: string) => (await database.query('SELECT 1 FROM effect WHERE key = $1', [key])).length;
const codeOf = (outcome: PromiseSettledResult<unknown>) =>
  outcome.status === 'rejected' ? (outcome.reason as Refusal).code : 'ok';

describe('an idempotency key', () => {
  test('gets the first answer again, whatever the order of the input', async () => {
    expect(await run('again')).toEqual({ answer: { made: 'again' }, replayed: false });
    expect(await run('again', { b: [2], a: 1, left: undefined })).toEqual({
      answer: { made: 'again' },
      replayed: true,
    });
    expect(await effects('again')).toBe(1);
  });

  test('with another input is refused', async () => {
    await run('other');
    await expect(run('other', { a: 2 })).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
    expect(await effects('other')).toBe(1);
  });

  test('at the same moment: one effect, the others are told to wait', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    let told = 0;
    const all = Array.from({ length: 8 }, () =>
      run('race', undefined, () => promise).catch((error: unknown) => {
        told += 1;
        if (told === 7) resolve();
        throw error;
      }),
    );
    const codes = (await Promise.allSettled(all)).map(codeOf).toSorted();
    expect(codes).toEqual([...Array.from({ length: 7 }, () => 'IDEMPOTENCY_KEY_IN_USE'), 'ok']);
    expect(await effects('race')).toBe(1);
    expect((await run('race')).replayed).toBe(true);
  });

  test('is free again after a refusal: nothing happened', async () => {
    const refused = once(database.sql, request('refused'), async () => {
      throw new Refusal('TOTAL_CHANGED', 'It is 12 now.');
    });
    await expect(refused).rejects.toMatchObject({ code: 'TOTAL_CHANGED' });
    expect((await run('refused', { a: 9 })).replayed).toBe(false);
  });

  test('of a dead holder is taken over once its lease has ended, and the dead one cannot commit', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const claimed = Promise.withResolvers<void>();
    const stalled = run('stalled', undefined, () => {
      claimed.resolve();
      return promise;
    });
    await claimed.promise;
    await expect(run('stalled')).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_IN_USE' });
    await database.query("UPDATE idempotency_key SET lease_until = now() - interval '1 second' WHERE key = 'stalled'");
    expect((await run('stalled')).replayed).toBe(false);
    resolve();
    await expect(stalled).rejects.toThrow(/claim/);
    expect(await effects('stalled')).toBe(1);
  });

  test.each(['', 'k'.repeat(256), 'a\u0000b', 'a\nb'])('that is no key is refused: %j', async (key) => {
    await expect(run(key)).rejects.toMatchObject({ code: 'INVALID_IDEMPOTENCY_KEY' });
  });

  test('counts for its principal only, and is pruned after its time', async () => {
    await run('mine');
    const theirs = await once(database.sql, { ...request('mine', { a: 3 }), principal: 'user:2' }, async (settle) =>
      database.transaction(async (tx) => {
        await settle(tx, 'theirs');
        return 'theirs';
      }),
    );
    expect(theirs).toEqual({ answer: 'theirs', replayed: false });
    await database.query("UPDATE idempotency_key SET created_at = now() - interval '3 days' WHERE key = 'mine'");
    expect(await pruneIdempotencyKeys(database.sql)).toBe(2);
  });
});
