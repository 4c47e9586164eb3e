import { newId } from '@ebuy/kernel';
import { ANONYMOUS } from '@ebuy/runtime';
import { eventually, partner, shopper, staff } from '@ebuy/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { balances, EUR_20, openStage, paidOrder, type Stage, showPayment, untilStatus } from './stage.ts';

const REFUND = `mutation ($input: RefundOrderInput!) { refundOrder(input: $input) {
  order { id payment { status refundedAmount { amountMinor currency } } }
  refund { id status amount { amountMinor currency } reason requestedAt failure { code } }
  replayed userErrors { code message field } } }`;

interface Refunded {
  readonly order: { readonly id: string; readonly payment: { readonly status: string } } | null;
  readonly refund: {
    readonly id: string;
    readonly status: string;
    readonly amount: { readonly amountMinor: number };
  } | null;
  readonly replayed: boolean;
  readonly userErrors: readonly { readonly code: string; readonly field: string[] | null; readonly message: string }[];
}

const SUPPORT = staff(['orders:read', 'orders:write']);
let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
}, 120_000);
afterAll(() => stage?.close());

function ask(input: Record<string, unknown>, caller = SUPPORT) {
  const whole = { reason: 'came too late', idempotencyKey: newId(), ...input };
  return stage.router.ask<{ refundOrder: Refunded | null }>(REFUND, { input: whole }, caller);
}

async function refund(input: Record<string, unknown>, caller = SUPPORT): Promise<Refunded> {
  const { result, errors } = await ask(input, caller);
  if (!result?.refundOrder) throw new Error(JSON.stringify(errors));
  return result.refundOrder;
}

const eur = (amountMinor: number) => ({ amountMinor, currency: 'EUR' });
const codesOf = ({ userErrors }: Refunded) => userErrors.map(({ code }) => code);

test('in part, then the rest: the payment follows, the order does not move, the ledger agrees', async () => {
  const orderId = await paidOrder(stage);
  const first = await refund({ orderId, amount: eur(500), expectedVersion: 4 });
  expect(first).toMatchObject({
    order: { id: orderId, payment: { status: 'PARTIALLY_REFUNDED', refundedAmount: eur(500) } },
    refund: { status: 'SUCCEEDED', amount: eur(500), reason: 'came too late', failure: null },
    replayed: false,
    userErrors: [],
  });
  const second = await refund({ orderId });
  expect(second).toMatchObject({
    order: { payment: { status: 'REFUNDED', refundedAmount: EUR_20 } },
    refund: { amount: eur(1_500) },
  });
  await eventually(() =>
    expect(stage.heard(orderId).filter(({ type }) => type === 'payment.refunded')).toMatchObject([
      { payload: { refundId: first.refund?.id, amount: eur(500), refundedTotal: eur(500) } },
      { payload: { refundId: second.refund?.id, amount: eur(1_500), refundedTotal: EUR_20 } },
    ]),
  );
  expect(await balances(stage, orderId)).toEqual({ refunds: 2_000, sales: -2_000 });
  expect(await stage.sandbox.charges(orderId)).toMatchObject({
    totals: [{ capturedMinor: 2_000, refundedMinor: 2_000 }],
  });
  expect(codesOf(await refund({ orderId }))).toEqual(['NOTHING_LEFT_TO_REFUND']);
});

test('the same key again, also at the same moment: one refund, the same answer; with another input it is refused', async () => {
  const orderId = await paidOrder(stage);
  const input = { orderId, amount: eur(700), idempotencyKey: newId() };
  const answers = await Promise.all(Array.from({ length: 6 }, () => refund(input)));
  const done = answers.filter((answer) => answer.userErrors.length === 0);
  expect(new Set(done.map((answer) => answer.refund?.id)).size).toBe(1);
  expect(done.filter(({ replayed }) => !replayed)).toHaveLength(1);
  for (const answer of answers) expect([[], ['IDEMPOTENCY_KEY_IN_USE']]).toContainEqual(codesOf(answer));
  expect(await refund(input)).toMatchObject({
    replayed: true,
    refund: { id: done[0]?.refund?.id, status: 'SUCCEEDED' },
  });
  expect(codesOf(await refund({ ...input, amount: eur(701) }))).toEqual(['IDEMPOTENCY_KEY_REUSED']);
  // A key counts for its caller: another member of staff means another refund by it.
  const other = staff(['orders:write'], { id: 'somebody-else' });
  expect(await refund(input, other)).toMatchObject({ replayed: false, userErrors: [] });
  expect(await stage.sandbox.charges(orderId)).toMatchObject({ totals: [{ refundedMinor: 1_400 }] });
});

test('twenty at the same moment: never more than was taken', async () => {
  const orderId = await paidOrder(stage);
  const answers = await Promise.all(Array.from({ length: 20 }, () => refund({ orderId, amount: eur(300) })));
  expect(answers.filter((answer) => answer.userErrors.length === 0)).toHaveLength(6);
  expect(answers.flatMap(codesOf)).toEqual(Array.from({ length: 14 }, () => 'REFUND_TOO_LARGE'));
  expect(await untilStatus(stage, orderId, 'PARTIALLY_REFUNDED')).toMatchObject({
    refundedAmount: { amountMinor: 1_800 },
  });
  expect(await stage.sandbox.charges(orderId)).toMatchObject({ totals: [{ refundedMinor: 1_800 }] });
  expect(await balances(stage, orderId)).toEqual({ refunds: 1_800, provider_clearing: 200, sales: -2_000 });
});

test('before the capture, or without a payment, there is nothing to give back', async () => {
  const orderId = await paidOrder(stage, 'pm_card_visa', 'authorized');
  expect(codesOf(await refund({ orderId }))).toEqual(['NOT_CAPTURED']);
  expect(codesOf(await refund({ orderId: newId() }))).toEqual(['PAYMENT_NOT_FOUND']);
  expect(codesOf(await refund({ orderId: 'EB-000123' }))).toEqual(['PAYMENT_NOT_FOUND']);
  expect(await showPayment(stage, orderId)).toMatchObject({ status: 'AUTHORIZED' });
});

test('the provider refuses: said so, also to the same key again, and the amount may be refunded another time', async () => {
  const orderId = await paidOrder(stage, 'pm_sandbox_refundFails');
  const input = { orderId, idempotencyKey: newId() };
  for (let times = 0; times < 2; times += 1) expect(codesOf(await refund(input))).toEqual(['REFUND_FAILED']);
  expect(await showPayment(stage, orderId)).toMatchObject({ status: 'CAPTURED', refundedAmount: { amountMinor: 0 } });
  expect(codesOf(await refund({ orderId }))).toEqual(['REFUND_FAILED']);
  expect(stage.heard(orderId).map(({ type }) => type)).not.toContain('payment.refunded');
});

test('a refund that the provider settles later is shown as pending, and its webhooks, sent twice, count once', async () => {
  const orderId = await paidOrder(stage, 'pm_sandbox_webhookLate');
  const answer = await refund({ orderId, amount: eur(800) });
  expect(answer).toMatchObject({ order: { payment: { status: 'CAPTURED' } }, refund: { status: 'PENDING' } });
  expect(codesOf(await refund({ orderId, amount: eur(1_201) }))).toEqual(['REFUND_TOO_LARGE']);
  await stage.hear('payment.refunded', orderId);
  expect(await untilStatus(stage, orderId, 'PARTIALLY_REFUNDED')).toMatchObject({
    refundedAmount: { amountMinor: 800 },
  });
  expect(await balances(stage, orderId)).toMatchObject({ refunds: 800 });
});

test('webhooks that race the answer count once', async () => {
  const orderId = await paidOrder(stage, 'pm_sandbox_webhookTwice');
  await Promise.all([refund({ orderId, amount: eur(100) }), refund({ orderId, amount: eur(100) })]);
  await untilStatus(stage, orderId, 'PARTIALLY_REFUNDED');
  await eventually(() =>
    expect(stage.heard(orderId).filter(({ type }) => type === 'payment.refunded')).toHaveLength(2),
  );
  expect(await balances(stage, orderId)).toMatchObject({ refunds: 200 });
});

test.each([
  ['nothing', { amount: eur(0) }, 'INVALID_AMOUNT', ['amount', 'amountMinor']],
  ['less than nothing', { amount: eur(-5) }, 'INVALID_AMOUNT', ['amount', 'amountMinor']],
  [
    'the largest number there is',
    { amount: eur(Number.MAX_SAFE_INTEGER) },
    'REFUND_TOO_LARGE',
    ['amount', 'amountMinor'],
  ],
  ['another currency', { amount: { amountMinor: 100, currency: 'JPY' } }, 'CURRENCY_MISMATCH', ['amount', 'currency']],
  ['no reason', { reason: '  ' }, 'INVALID_REASON', ['reason']],
  ['an endless reason', { reason: 'r'.repeat(501) }, 'INVALID_REASON', ['reason']],
  ['a reason with a null byte', { reason: 'a\u0000b' }, 'INVALID_REASON', ['reason']],
  ['a reason that is half a character', { reason: 'a\ud800b' }, 'INVALID_REASON', ['reason']],
  ['no key', { idempotencyKey: '' }, 'INVALID_IDEMPOTENCY_KEY', ['idempotencyKey']],
  ['an endless key', { idempotencyKey: 'k'.repeat(256) }, 'INVALID_IDEMPOTENCY_KEY', ['idempotencyKey']],
  ['a key with a null byte', { idempotencyKey: 'k\u0000' }, 'INVALID_IDEMPOTENCY_KEY', ['idempotencyKey']],
  ['a version that no order has', { expectedVersion: 0 }, 'VERSION_CONFLICT', ['expectedVersion']],
])('%s is refused, and nothing is written', async (_what, input, code, field) => {
  const orderId = await paidOrder(stage);
  const answer = await refund({ orderId, ...input });
  expect(answer).toMatchObject({ refund: null, userErrors: [{ code, field }] });
  expect(answer.order).toEqual(code === 'VERSION_CONFLICT' ? expect.objectContaining({ id: orderId }) : null);
  expect(
    await stage.database.query('SELECT FROM refund JOIN payment p ON p.id = payment_id WHERE order_id = $1', [orderId]),
  ).toEqual([]);
});

test.each([
  ['nobody', ANONYMOUS, 'UNAUTHENTICATED'],
  ['a shopper', shopper('somebody'), 'FORBIDDEN'],
  ['a partner', partner('ebuy-partner-demo'), 'FORBIDDEN'],
  ['staff who may only read', staff(['orders:read', 'catalog:write']), 'FORBIDDEN'],
  ['a role without its scopes', shopper('somebody', { roles: ['admin', 'support'] }), 'FORBIDDEN'],
])('%s may not refund', async (_who, caller, code) => {
  const orderId = await paidOrder(stage);
  const { result, errors } = await ask({ orderId }, caller);
  expect(result?.refundOrder ?? null).toBeNull();
  expect(errors).toMatchObject([{ extensions: { code } }]);
  expect(await showPayment(stage, orderId)).toMatchObject({ status: 'CAPTURED' });
});
