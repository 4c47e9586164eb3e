/** Payments as it runs: on PostgreSQL and Kafka, with the real sandbox provider beside it. Orders' part is played by its events. */
import { type DomainEvent, type EventPayload, type EventType, newEvent, TOPICS } from '@ebuy/events';
import { type Money, newId } from '@ebuy/kernel';
import { type Caller, type RunningService, startService } from '@ebuy/runtime';
import {
  asRouter,
  eventually,
  openTestKafka,
  openTestPostgres,
  type TestDatabase,
  type TestKafka,
  testKey,
} from '@ebuy/testing';
import { createApp } from '../src/app.ts';
import type { SandboxShopSettings } from '../src/config.ts';
import { prepareSandbox, type SandboxProcess } from './sandbox-process.ts';

type PaymentEvent = Extract<EventType, `payment.${string}`>;

export interface Stage {
  readonly database: TestDatabase;
  readonly kafka: TestKafka;
  readonly sandbox: SandboxProcess;
  readonly service: RunningService;
  readonly settings: SandboxShopSettings;
  readonly router: ReturnType<typeof asRouter>;
  /** Puts orders' events on their topic. */
  say(...events: readonly DomainEvent[]): Promise<void>;
  /** Every event about an order that payments has emitted so far. */
  heard(orderId: string): readonly DomainEvent[];
  /** Waits for the newest event of a type about an order. */
  hear<Type extends PaymentEvent>(type: Type, orderId: string, timeoutMs?: number): Promise<EventPayload<Type>>;
  /** Starts another replica on the same engines. */
  startReplica(): Promise<RunningService>;
  stopReplicas(): Promise<void>;
  close(): Promise<void>;
}

/** `asleep`: the service answers and takes webhooks, but reacts to no event and calls nobody until a replica is started. */
export async function openStage(
  sandboxSettings: Readonly<Record<string, string>> = {},
  { asleep = false } = {},
): Promise<Stage> {
  const [database, kafka, sandbox] = await Promise.all([
    openTestPostgres('payments'),
    openTestKafka(),
    prepareSandbox(sandboxSettings),
  ]);
  const key = testKey();
  const settings: SandboxShopSettings = {
    host: '127.0.0.1',
    port: 0,
    adminPort: 0,
    logLevel: process.env.TEST_LOG_LEVEL ?? 'silent',
    environment: 'test',
    namespace: kafka.namespace,
    kafkaBrokers: kafka.settings.brokers,
    identityVerifyKeys: { router: key },
    databaseUrl: database.url,
    reconcileMinutes: 60,
    paymentProvider: 'sandbox',
    sandboxUrl: sandbox.url,
    sandboxApiKey: sandbox.apiKey,
    sandboxWebhookSecrets: [sandbox.webhookSecret],
  };
  const service = await startService('payments', settings, (given, tools) => {
    const app = createApp(given, tools);
    return asleep ? { ...app, reactions: [], sweeps: [] } : app;
  });
  try {
    await sandbox.start(`http://127.0.0.1:${service.port}/webhooks/sandbox`);
  } catch (error) {
    await Promise.allSettled([service.stop(), sandbox.stop(), kafka.close()]);
    throw error;
  }
  const router = asRouter({ name: 'payments', port: service.port, key });
  const watched = await kafka.watch(TOPICS.payment);
  const heard = (orderId: string) =>
    watched.events.filter(({ payload }) => (payload as { orderId?: string }).orderId === orderId);
  const replicas: RunningService[] = [];
  const stopReplicas = async () => {
    await Promise.all(replicas.splice(0).map((replica) => replica.stop()));
  };
  return {
    database,
    kafka,
    sandbox,
    service,
    settings,
    router,
    say: (...events) => kafka.publish(events),
    heard,
    hear: (type, orderId, timeoutMs = 60_000) =>
      eventually(
        () => {
          const event = heard(orderId).findLast((one) => one.type === type);
          if (event === undefined) {
            throw new Error(`no ${type} for the order, only ${heard(orderId).map((one) => one.type)}`);
          }
          return event.payload as never;
        },
        { timeoutMs },
      ),
    async startReplica() {
      const replica = await startService('payments', settings, createApp);
      replicas.push(replica);
      return replica;
    },
    stopReplicas,
    async close() {
      await router.close();
      await Promise.all([stopReplicas(), service.stop()]);
      await sandbox.stop();
      await kafka.close();
      await database.drop();
    },
  };
}

const TRACE = { correlationId: 'test', causationId: null };
export const EUR_20: Money = { amountMinor: 2_000, currency: 'EUR' };

export const requested = (orderId: string, paymentMethod: string, more: { attemptId?: string; amount?: Money } = {}) =>
  newEvent('order.paymentRequested', { orderId, attemptId: newId(), amount: EUR_20, paymentMethod, ...more }, TRACE);
export const cancelled = (orderId: string) =>
  newEvent('order.cancelled', { orderId, reason: 'REQUESTED_BY_SHOPPER' }, TRACE);
export const shipped = (orderId: string) => newEvent('order.shipped', { orderId }, TRACE);

const SHOW_PAYMENT = `query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on Order { payment {
  id status authorizedAmount { amountMinor currency } capturedAmount { amountMinor } refundedAmount { amountMinor }
  failure { code message } nextAction { url } } } } }`;

export interface ShownPayment {
  readonly id: string;
  readonly status: string;
  readonly authorizedAmount: Money;
  readonly capturedAmount: { readonly amountMinor: number };
  readonly refundedAmount: { readonly amountMinor: number };
  readonly failure: { readonly code: string; readonly message: string } | null;
  readonly nextAction: { readonly url: string } | null;
}

/** `Order.payment`, as the router asks for it after orders has named the order. */
export async function showPayment(stage: Stage, orderId: string, caller?: Caller): Promise<ShownPayment | null> {
  const { result, errors } = await stage.router.ask<{ _entities: { payment: ShownPayment | null }[] }>(
    SHOW_PAYMENT,
    { representations: [{ __typename: 'Order', id: orderId }] },
    caller,
  );
  if (errors.length > 0) throw new Error(JSON.stringify(errors));
  return result?._entities[0]?.payment ?? null;
}

/** Waits until the payment of an order has a status. */
export function untilStatus(stage: Stage, orderId: string, status: string, timeoutMs = 60_000): Promise<ShownPayment> {
  return eventually(
    async () => {
      const payment = await showPayment(stage, orderId);
      if (payment?.status !== status) throw new Error(`${payment?.status} instead of ${status}`);
      return payment;
    },
    { timeoutMs, everyMs: 50 },
  );
}

/** An order that is paid: requested and authorized, or captured as well. */
export async function paidOrder(
  stage: Stage,
  paymentMethod = 'pm_card_visa',
  how: 'authorized' | 'captured' = 'captured',
) {
  const orderId = newId();
  await stage.say(requested(orderId, paymentMethod));
  await stage.hear('payment.authorized', orderId);
  if (how === 'captured') {
    await stage.say(shipped(orderId));
    await stage.hear('payment.captured', orderId);
  }
  return orderId;
}

/** What an account holds: of an order, or of all. */
export async function balances(stage: Stage, orderId?: string): Promise<Record<string, number>> {
  const rows = await stage.database.query<{ account: string; balance: string }>(
    `SELECT account, sum(amount_minor) AS balance FROM ledger_entry WHERE $1::uuid IS NULL OR order_id = $1 GROUP BY account`,
    [orderId ?? null],
  );
  return Object.fromEntries(
    rows.map(({ account, balance }) => [account, Number(balance)]).filter(([, balance]) => balance !== 0),
  );
}

/** What the provider was asked for an order, and whether that is settled. */
export async function callsOf(stage: Stage, orderId: string): Promise<string[]> {
  const rows = await stage.database.query<{ kind: string; state: string }>(
    `SELECT kind, state FROM provider_call JOIN payment ON payment.id = payment_id WHERE order_id = $1 ORDER BY kind, provider_call.id`,
    [orderId],
  );
  return rows.map(({ kind, state }) => `${kind} ${state}`);
}

/** What a shopper does on the bank's page, without scripts. Returns the page that follows. */
export async function takeSecondStep(
  nextAction: { readonly url: string } | null,
  decision: 'approve' | 'decline',
): Promise<string> {
  const response = await fetch(nextAction?.url ?? '', {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: `decision=${decision}`,
  });
  return response.text();
}
