import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { newId } from '@ebuy/kernel';
import { eventually } from '@ebuy/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  balances,
  callsOf,
  openStage,
  paidOrder,
  requested,
  type Stage,
  shipped,
  showPayment,
  untilStatus,
} from './stage.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));

let stage: Stage;
const children: ChildProcess[] = [];
beforeAll(async () => {
  // Nobody reacts here yet: a process of its own does, and is killed.
  stage = await openStage({}, { asleep: true });
}, 120_000);
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await stage?.close();
});

async function startProcess(): Promise<ChildProcess> {
  const { settings } = stage;
  const child = spawn(process.execPath, [MAIN], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env.PATH,
      NODE_NO_WARNINGS: '1',
      PORT: '0',
      ADMIN_PORT: '0',
      EBUY_NAMESPACE: settings.namespace,
      KAFKA_BROKERS: settings.kafkaBrokers.join(','),
      IDENTITY_VERIFY_KEYS: JSON.stringify(settings.identityVerifyKeys),
      DATABASE_URL: settings.databaseUrl,
      PAYMENT_PROVIDER: 'sandbox',
      SANDBOX_URL: settings.sandboxUrl,
      SANDBOX_API_KEY: settings.sandboxApiKey,
      SANDBOX_WEBHOOK_SECRET: settings.sandboxWebhookSecrets.join(','),
    },
  });
  children.push(child);
  await new Promise<void>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`payments ended with ${code}`)));
    child.stdout?.on('data', (text: Buffer) => text.includes('"serving"') && resolve());
  });
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

test('payments is killed with calls to make: another replica makes them', async () => {
  const child = await startProcess();
  const orderId = newId();
  await stage.sandbox.kill();
  await stage.say(requested(orderId, 'pm_card_visa'));
  await eventually(async () => expect(await callsOf(stage, orderId)).toEqual(['authorize WAITING']), {
    timeoutMs: 90_000,
  });
  await kill(child);
  await stage.sandbox.start(`http://127.0.0.1:${stage.service.port}/webhooks/sandbox`);
  await stage.startReplica();
  await stage.hear('payment.authorized', orderId, 120_000);
  expect(await stage.sandbox.charges(orderId)).toMatchObject({ totals: [{ authorizations: 1, heldMinor: 2_000 }] });
}, 400_000);

test('payments is killed while the provider charges: the charge is found, and none is made besides', async () => {
  await stage.stopReplicas();
  const child = await startProcess();
  const orderId = newId();
  await stage.say(requested(orderId, 'pm_sandbox_slow'));
  await eventually(async () => expect(await stage.sandbox.database.query('SELECT FROM trial')).toHaveLength(1), {
    timeoutMs: 90_000,
  });
  await kill(child);
  // It is made although nobody waits for it any more.
  await eventually(async () => expect((await stage.sandbox.charges(orderId)).totals).toHaveLength(1));
  await stage.startReplica();
  await stage.hear('payment.authorized', orderId, 120_000);
  expect(await stage.sandbox.charges(orderId)).toMatchObject({ totals: [{ authorizations: 1, heldMinor: 2_000 }] });
  expect(await balances(stage, orderId)).toEqual({ holds: 2_000, holds_contra: -2_000 });
}, 400_000);

test('SIGTERM in the middle of calls: they are settled or left behind whole, and the process ends well', async () => {
  const child = await startProcess();
  const orders = Array.from({ length: 12 }, () => newId());
  await stage.say(...orders.map((orderId) => requested(orderId, 'pm_sandbox_slow')));
  await eventually(async () => expect(await callsOf(stage, orders[11] ?? '')).toHaveLength(1), { timeoutMs: 90_000 });
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  await Promise.all(orders.map((orderId) => stage.hear('payment.authorized', orderId, 120_000)));
  expect((await stage.sandbox.charges()).paidTwice).toBe(0);
}, 400_000);

test('the hold ends before the capture gets through: told for the last time, and nothing was taken', async () => {
  const orderId = await paidOrder(stage, 'pm_sandbox_captureFails', 'authorized');
  await stage.sandbox.database.query('UPDATE card_authorization SET capture_tries = -1000 WHERE order_id = $1', [
    orderId,
  ]);
  await stage.say(shipped(orderId));
  await stage.hear('payment.captureFailed', orderId);
  // The next try is in hours, beyond the end of the hold: it is brought forward to just after that.
  await stage.database.query(
    `UPDATE payment_attempt SET authorization_ends_at = now() + interval '2 seconds'
      WHERE payment_id = (SELECT id FROM payment WHERE order_id = $1)`,
    [orderId],
  );
  await stage.database.query(
    `UPDATE provider_call SET tries = 13, due_at = now() WHERE state = 'WAITING' AND kind = 'capture'
        AND payment_id = (SELECT id FROM payment WHERE order_id = $1)`,
    [orderId],
  );
  await eventually(() => {
    const told = stage.heard(orderId).filter(({ type }) => type === 'payment.captureFailed');
    expect(told).toMatchObject([
      { payload: { willRetry: true } },
      { payload: { willRetry: false, failure: { code: 'authorization_ended' } } },
    ]);
  });
  expect(await callsOf(stage, orderId)).toEqual(['authorize DONE', 'capture DONE']);
  expect(await stage.sandbox.charges(orderId)).toMatchObject({ totals: [{ capturedMinor: 0 }] });
}, 240_000);

test('a provider that was killed has forgotten nothing: what it owed is sent, what is asked again is found', async () => {
  const [late, stepped] = [newId(), newId()];
  await stage.say(requested(late, 'pm_sandbox_webhookLate'), requested(stepped, 'pm_card_authenticationRequired'));
  const { nextAction } = await untilStatus(stage, stepped, 'REQUIRES_ACTION');
  await eventually(async () => expect((await stage.sandbox.charges(late)).totals).toHaveLength(1));
  await stage.sandbox.kill();
  const down = newId();
  await stage.say(requested(down, 'pm_card_visa'));
  await eventually(async () => expect(await showPayment(stage, down)).toMatchObject({ status: 'PENDING' }));
  await stage.sandbox.start(`http://127.0.0.1:${stage.service.port}/webhooks/sandbox`);
  await stage.hear('payment.authorized', late);
  await stage.hear('payment.authorized', down);
  const response = await fetch(nextAction?.url ?? '', { method: 'POST', body: 'decision=approve' });
  expect(response.status).toBe(200);
  await stage.hear('payment.authorized', stepped);
  expect((await stage.sandbox.charges()).paidTwice).toBe(0);
}, 240_000);

test('the provider is away for too long: declined; what it had charged nevertheless is found, and voided', async () => {
  const orderId = newId();
  // What went wrong once is not tried again before this test says so.
  await stage.database.query(
    `CREATE FUNCTION put_off() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.due_at := now() + interval '1 hour'; RETURN NEW; END $$;
     CREATE TRIGGER put_off BEFORE UPDATE ON provider_call FOR EACH ROW
       WHEN (OLD.last_problem IS NULL AND NEW.last_problem IS NOT NULL) EXECUTE FUNCTION put_off()`,
  );
  await stage.say(requested(orderId, 'pm_sandbox_answerLost'));
  await eventually(async () => {
    const lost = await stage.database.query(
      `SELECT FROM provider_call JOIN payment ON payment.id = payment_id WHERE order_id = $1 AND last_problem IS NOT NULL`,
      [orderId],
    );
    expect(lost).toHaveLength(1);
  });
  const setDue = (tries: number, seconds: number) =>
    stage.database.query(
      `UPDATE provider_call SET tries = $2, due_at = now() + make_interval(secs => $3), lease_until = NULL
        WHERE state = 'WAITING' AND payment_id = (SELECT id FROM payment WHERE order_id = $1)`,
      [orderId, tries, seconds],
    );
  await stage.sandbox.kill();
  await setDue(8, 0);
  expect((await stage.hear('payment.declined', orderId)).failure.code).toBe('provider_unavailable');
  await stage.sandbox.start(`http://127.0.0.1:${stage.service.port}/webhooks/sandbox`);
  await setDue(0, 0);
  await eventually(async () => expect(await callsOf(stage, orderId)).toEqual(['authorize DONE', 'void DONE']), {
    timeoutMs: 30_000,
  });
  expect(await showPayment(stage, orderId)).toMatchObject({
    status: 'DECLINED',
    failure: { code: 'provider_unavailable' },
  });
  expect(await stage.sandbox.charges(orderId)).toMatchObject({ totals: [{ authorizations: 1, heldMinor: 0 }] });
  expect(await balances(stage, orderId)).toEqual({});
}, 240_000);
