import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { eventually, openTestPostgres, type TestDatabase } from '@ebuy/testing';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import {
  type AuditEntry,
  appendAudit,
  auditorOfService,
  judgeChain,
  readPostgresChain,
  readPostgresUnsealed,
  sealPostgresAudit,
} from '../src/index.ts';

/** A process of its own takes its time on a busy machine. */
const PATIENCE_MS = 180_000;
const DYING_SEALER = fileURLToPath(new URL('./fixtures/dying-sealer.ts', import.meta.url));
const audit = auditorOfService('orders', { correlationId: 'c-1', causationId: null });
const entry = (id: string): AuditEntry =>
  audit({
    action: 'shipOrder',
    aggregate: { type: 'Order', id },
    version: 2,
    detail: { status: 'SHIPPED', totalMinor: 1_892 },
  });

let database: TestDatabase;
beforeEach(async () => {
  database = await openTestPostgres('orders');
});
afterEach(() => database.drop());

const replica = () => ({
  ...database.sql,
  $transaction: <Result>(work: Parameters<typeof database.transaction<Result>>[0]) => database.transaction(work),
});
const seal = () => sealPostgresAudit(replica(), 'orders');
const judge = (published?: Parameters<typeof judgeChain>[2]) =>
  judgeChain('orders', readPostgresChain(database.sql), published);
const breaks = async () => (await judge()).breaks.map(({ seal: at, entryId }) => ({ seal: at, entryId }));
const write = async (count: number, from = 0) => {
  const entries = Array.from({ length: count }, (_, index) => entry(`o-${from + index}`));
  await database.transaction((tx) => appendAudit(tx, ...entries));
  return entries;
};
/** As whoever owns the table can: past the triggers. */
const forge = async (sql: string, values: unknown[] = []) => {
  await database.query('ALTER TABLE audit_entry DISABLE TRIGGER USER');
  await database.query(sql, values);
  await database.query('ALTER TABLE audit_entry ENABLE TRIGGER USER');
};

test('entries are written with their change or not at all, and sealed in the order of their commits', async () => {
  await expect(
    database.transaction(async (tx) => {
      await appendAudit(tx, entry('never'));
      throw new Error('rolled back');
    }),
  ).rejects.toThrow('rolled back');
  expect(await seal()).toBeNull();
  // Begun before the others, committed after them: its place is behind them, and no number is left out.
  const late = entry('late');
  const entries = await write(3);
  await database.transaction(async (tx) => {
    await appendAudit(tx, late);
    expect(await seal()).toMatchObject({ chain: 'orders', seal: 3 });
  });
  expect(await readPostgresUnsealed(database.sql)).toMatchObject([{ id: late.id }]);
  expect(await seal()).toMatchObject({ seal: 4 });
  expect(await seal()).toBeNull();
  const { head, breaks: found } = await judge();
  expect([head.seal, found]).toEqual([4, []]);
  const rows = await database.query<{ id: string; entry: AuditEntry }>(
    'SELECT id, entry FROM audit_entry ORDER BY seal',
  );
  expect(rows.map((row) => row.entry)).toEqual([...entries, late]);
});

test('the database refuses to change, take out or empty what is written, sealed or not', async () => {
  const [first, second] = await write(2);
  await seal();
  await write(1, 2);
  const refused = [
    `UPDATE audit_entry SET entry = jsonb_set(entry, '{actor,id}', '"somebody else"') WHERE id = '${first?.id}'`,
    `UPDATE audit_entry SET hash = repeat('0', 64) WHERE id = '${second?.id}'`,
    `UPDATE audit_entry SET seal = NULL, hash = NULL WHERE id = '${second?.id}'`,
    `UPDATE audit_entry SET entry = entry || '{"version": 9}' WHERE seal IS NULL`,
    `UPDATE audit_entry SET seal = 3, hash = repeat('0', 64), entry = entry || '{"version": 9}' WHERE seal IS NULL`,
    `DELETE FROM audit_entry WHERE seal IS NULL`,
    'DELETE FROM audit_entry',
    'TRUNCATE audit_entry',
  ];
  for (const sql of refused) await expect(database.query(sql)).rejects.toThrow('append-only');
  await expect(
    database.query(`INSERT INTO audit_entry (id, entry) SELECT gen_random_uuid(), entry FROM audit_entry LIMIT 1`),
  ).rejects.toThrow('entry_is_filed_under_its_id');
  expect((await judge()).breaks).toEqual([]);
});

test('whoever gets past the triggers is found out: a changed row, a deleted one', async () => {
  const entries = await write(6);
  await seal();
  const idAt = (index: number) => entries[index]?.id ?? null;
  await forge(`UPDATE audit_entry SET entry = jsonb_set(entry, '{detail,totalMinor}', '1') WHERE seal = 2`);
  expect(await breaks()).toEqual([{ seal: 2, entryId: idAt(1) }]);
  await forge('DELETE FROM audit_entry WHERE seal = 4');
  expect(await breaks()).toEqual([
    { seal: 2, entryId: idAt(1) },
    { seal: 5, entryId: idAt(4) },
  ]);
  expect((await judge()).breaks[1]?.problem).toContain('rows 4 to 4');
});

test('an end that was cut off is found by the head that was published before', async () => {
  await write(5);
  const head = await seal();
  await forge('DELETE FROM audit_entry WHERE seal >= 4');
  expect(await breaks()).toEqual([]);
  expect((await judge(head ? [head] : [])).breaks).toMatchObject([
    { seal: 5, problem: expect.stringContaining('cut off') },
  ]);
});

test('two replicas that seal while others write make one chain without gaps', async () => {
  const replicas = [replica(), replica()];
  const writing = Promise.all(Array.from({ length: 40 }, (_, index) => write(5, index * 5)));
  let written = false;
  void writing.then(() => {
    written = true;
  });
  const sealing = replicas.map(async (one) => {
    for (;;) {
      const before = written;
      if ((await sealPostgresAudit(one, 'orders')) === null && before) return;
    }
  });
  await Promise.all([writing, ...sealing]);
  while ((await seal()) !== null);
  const { head, breaks: found } = await judge();
  expect([head.seal, found]).toEqual([200, []]);
});

test(
  'a sealer that is killed before it commits leaves nothing sealed, and the next one seals all',
  async () => {
    await write(3);
    const dying = spawn(process.execPath, [DYING_SEALER, database.url, 'orders'], {
      stdio: 'inherit',
      env: withoutTests(),
    });
    expect((await once(dying, 'exit'))[1]).toBe('SIGKILL');
    expect(await readPostgresUnsealed(database.sql)).toHaveLength(3);
    // PostgreSQL notices a moment later that the lock's owner is gone.
    await eventually(async () => expect(await seal()).toMatchObject({ seal: 3 }));
    expect((await judge()).breaks).toEqual([]);
  },
  PATIENCE_MS,
);

function withoutTests(): NodeJS.ProcessEnv {
  return { ...process.env, NODE_OPTIONS: '' };
}
