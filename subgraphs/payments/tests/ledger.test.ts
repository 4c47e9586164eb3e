import { deepStrictEqual as deepEqual, strictEqual as equal } from 'node:assert';
import { Refusal } from '@ebuy/kernel';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { PAYMENT_STATUSES } from '../src/domain/payment.ts';
import { NEWS, next } from '../src/domain/status-table.ts';
import { attemptId, Model } from './model.ts';

/** Anything that orders, the provider or staff can say, in any order and any number of times. */
const occurrence = fc.oneof(
  fc.record({
    kind: fc.constant('news' as const),
    attempt: fc.integer({ min: 1, max: 3 }),
    news: fc.constantFrom(...NEWS),
  }),
  fc.record({ kind: fc.constant('request' as const), attempt: fc.integer({ min: 2, max: 3 }) }),
  fc.record({ kind: fc.constant('voided' as const), attempt: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ kind: fc.constantFrom('cancel' as const, 'ship' as const, 'captured' as const) }),
  fc.record({ kind: fc.constant('captureFailed' as const), willRetry: fc.boolean() }),
  fc.record({
    kind: fc.constant('refund' as const),
    refund: fc.integer({ min: 1, max: 4 }),
    amountMinor: fc.option(fc.integer({ min: 1, max: 1_200 })),
  }),
  fc.record({
    kind: fc.constant('refunded' as const),
    refund: fc.integer({ min: 1, max: 4 }),
    news: fc.constantFrom('PENDING' as const, 'SUCCEEDED' as const, 'FAILED' as const),
  }),
);
type Occurrence = typeof occurrence extends fc.Arbitrary<infer Value> ? Value : never;

const AUTHORIZED: Occurrence = { kind: 'news', attempt: 1, news: 'AUTHORIZED' };
const BEGINNINGS: Occurrence[][] = [[], [AUTHORIZED], [AUTHORIZED, { kind: 'ship' }, { kind: 'captured' }]];
/** Chance alone would seldom come as far as a refund. */
const story = fc
  .tuple(fc.constantFrom(...BEGINNINGS), fc.array(occurrence, { maxLength: 40, size: 'max' }))
  .map(([beginning, rest]) => [...beginning, ...rest]);

/** True: it was legal and changed something. What the provider cannot say, because it was never asked, is not said. */
function happen(model: Model, one: Occurrence): boolean {
  const { payment, attempts, refunds } = model;
  switch (one.kind) {
    case 'news':
      return attempts.has(attemptId(one.attempt)) && model.news(attemptId(one.attempt), one.news);
    case 'request':
      return !attempts.has(attemptId(one.attempt)) && model.requestAgain(one.attempt);
    case 'voided':
      return wasAsked(model, 'void', attemptId(one.attempt)) && model.voided(attemptId(one.attempt));
    case 'cancel':
      return model.cancel();
    case 'ship':
      return payment.status === 'AUTHORIZED' && model.ship();
    case 'captured':
      return wasAsked(model, 'capture', payment.attemptId) && model.captured();
    case 'captureFailed':
      return wasAsked(model, 'capture', payment.attemptId) && model.captureFailed(one.willRetry);
    case 'refund':
      if ([...refunds.keys()].some((id) => id.endsWith(`${one.refund}`))) return false;
      return refund(model, one.refund, one.amountMinor);
    case 'refunded':
      return model.refunded(one.refund, one.news);
  }
}

function refund(model: Model, number: number, amountMinor: number | null): boolean {
  try {
    return model.requestRefund(number, amountMinor);
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

const wasAsked = (model: Model, kind: string, id: string) =>
  model.calls.some((call) => call.kind === kind && call.attempt.id === id);

/** What must hold at every moment, each as [what it is, what it has to be]. */
function check(model: Model): void {
  const { payment, attempts, refunds, postings } = model;
  const captured = payment.capturedMinor;
  const held =
    sum([...attempts.values()].map(({ status }) => (status === 'AUTHORIZED' ? payment.amount.amountMinor : 0))) -
    captured;
  const subjects = postings.map(({ kind, subjectId }) => `${kind} ${subjectId}`);
  const open = [...refunds.values()].filter(({ status }) => status !== 'FAILED');
  const pairs: [unknown, unknown][] = [
    [postings.filter(({ entries }) => sum(entries.map(({ amountMinor }) => amountMinor)) !== 0), []],
    [new Set(subjects).size, subjects.length],
    [model.balance('holds'), held],
    [model.balance('holds_contra') + held, 0],
    [model.balance('sales') + captured, 0],
    [model.balance('refunds'), payment.refundedMinor],
    [model.balance('provider_clearing'), captured - payment.refundedMinor],
    [payment.refundRequestedMinor, sum(open.map(({ amountMinor }) => amountMinor))],
    [payment.refundedMinor <= payment.refundRequestedMinor, true],
    [payment.refundRequestedMinor <= captured, true],
    [captured <= payment.authorizedMinor && payment.authorizedMinor <= payment.amount.amountMinor, true],
    [model.told().filter((type) => type === 'payment.captured').length <= 1, true],
    [strays(model), []],
  ];
  deepEqual(
    pairs.map(([is]) => is),
    pairs.map(([, wanted]) => wanted),
  );
}

/** What is held for nobody and not being given back: only the attempt that counts may hold, and only while its order lives. */
function strays({ payment, attempts, calls }: Model): string[] {
  return [...attempts.values()]
    .filter(({ status }) => status === 'AUTHORIZED')
    .map(({ id }) => id)
    .filter(
      (id) =>
        id !== payment.attemptId ||
        payment.cancelledAt !== null ||
        next(payment.status, 'paymentRequested') === 'PENDING',
    )
    .filter((id) => !calls.some((call) => call.kind === 'void' && call.attempt.id === id));
}

const sum = (amounts: readonly number[]) => amounts.reduce((total, amount) => total + amount, 0);

test('whatever happens in whatever order, the ledger sums to zero, says what the payment says, and nothing is held for nobody', () => {
  const reached = new Set<string>();
  fc.assert(
    fc.property(story, fc.constantFrom(0, 1, 1_000), (occurrences, amountMinor) => {
      const model = new Model({ amountMinor, currency: 'EUR' });
      for (const one of occurrences) {
        const { version } = model.payment;
        const changed = happen(model, one);
        equal(model.payment.version, changed ? version + 1 : version);
        if (changed) check(model);
        reached.add(model.payment.status);
      }
    }),
    { numRuns: 500 },
  );
  expect([...reached].sort()).toEqual([...PAYMENT_STATUSES].sort());
});

test('what the provider says again has no effect, now or later', () => {
  fc.assert(
    fc.property(story, (occurrences) => {
      const model = new Model({ amountMinor: 1_000, currency: 'EUR' });
      const said: Occurrence[] = [];
      for (const one of occurrences) {
        const changed = happen(model, one);
        if (!['news', 'voided', 'captured', 'refunded'].includes(one.kind)) continue;
        if (changed && (one.kind === 'captured' || one.kind === 'refunded')) said.push(one);
        const before = { payment: model.payment, postings: model.postings.length, told: model.told().length };
        for (const again of [one, ...said]) equal(happen(model, again), false);
        deepEqual({ payment: model.payment, postings: model.postings.length, told: model.told().length }, before);
      }
    }),
    { numRuns: 300 },
  );
});

test('the largest amount there is goes through every step', () => {
  const model = new Model({ amountMinor: Number.MAX_SAFE_INTEGER, currency: 'JPY' });
  model.news(attemptId(1), 'AUTHORIZED');
  model.ship();
  model.captured();
  model.requestRefund(1, 1);
  model.requestRefund(2, null);
  model.refunded(2, 'SUCCEEDED');
  model.refunded(1, 'SUCCEEDED');
  expect(model.payment).toMatchObject({ status: 'REFUNDED', refundedMinor: Number.MAX_SAFE_INTEGER });
  expect(model.balance('provider_clearing')).toBe(0);
});
