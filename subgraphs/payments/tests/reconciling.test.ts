/** The provider's word against ours, cell by cell: what is mended, and what is only reported. */
import { describe, expect, test } from '@jest/globals';
import { type Charge, judge } from '../src/domain/reconciling.ts';
import { ENDS, Model, NOW, ORDER_ID } from './model.ts';

const EUR_20 = { amountMinor: 2_000, currency: 'EUR' };

const charge = (more: Partial<Charge> = {}): Charge => ({
  orderId: ORDER_ID,
  amount: EUR_20,
  status: 'HELD',
  capturedMinor: 0,
  refundedMinor: 0,
  ...more,
});
const CAPTURED = charge({ status: 'CAPTURED', capturedMinor: 2_000 });

/** Payments on their way, by how far they have come. */
function known(stage: 'asked' | 'held' | 'shipping' | 'taken' | 'cancelled' | 'voided' | 'declined' | 'refunded') {
  const { payment, current } = new Model(EUR_20);
  const attempt = (status: typeof current.status) => ({ ...current, status, providerId: 'auth_1' });
  const held = { ...payment, status: 'AUTHORIZED' as const, authorizedMinor: 2_000, authorizationEndsAt: ENDS };
  const taken = { ...held, status: 'CAPTURED' as const, captureRequestedAt: NOW, capturedMinor: 2_000 };
  switch (stage) {
    case 'asked':
      return { payment, attempt: current };
    case 'held':
      return { payment: held, attempt: attempt('AUTHORIZED') };
    case 'shipping':
      return { payment: { ...held, captureRequestedAt: NOW }, attempt: attempt('AUTHORIZED') };
    case 'taken':
      return { payment: taken, attempt: attempt('AUTHORIZED') };
    case 'refunded':
      return { payment: { ...taken, refundRequestedMinor: 500, refundedMinor: 500 }, attempt: attempt('AUTHORIZED') };
    case 'cancelled':
      return { payment: { ...held, cancelledAt: NOW }, attempt: attempt('AUTHORIZED') };
    case 'voided':
      return { payment: { ...payment, status: 'VOIDED' as const, cancelledAt: NOW }, attempt: attempt('VOIDED') };
    case 'declined':
      return { payment: { ...payment, status: 'DECLINED' as const }, attempt: attempt('DECLINED') };
  }
}

const word = (judgement: ReturnType<typeof judge>) => (judgement.kind === 'report' ? judgement.what : judgement.kind);

describe('what the provider has against what we believe', () => {
  test.each([
    ['asked', 'settle', 'fine', 'settle', 'settle', 'captured_unwanted'],
    ['held', 'fine', 'hold_not_at_provider', 'hold_not_at_provider', 'hold_not_at_provider', 'captured_unwanted'],
    ['shipping', 'fine', 'hold_not_at_provider', 'hold_not_at_provider', 'hold_not_at_provider', 'recordCapture'],
    [
      'taken',
      'capture_not_at_provider',
      'capture_not_at_provider',
      'capture_not_at_provider',
      'capture_not_at_provider',
      'fine',
    ],
    ['cancelled', 'void', 'hold_not_at_provider', 'recordVoid', 'recordVoid', 'captured_unwanted'],
    ['voided', 'void', 'void', 'fine', 'fine', 'captured_unwanted'],
    ['declined', 'settle', 'void', 'fine', 'fine', 'captured_unwanted'],
  ] as const)('%s: held %s, pending %s, voided %s, declined %s, captured %s', (stage, ...expected) => {
    const charges = [charge(), ...(['PENDING', 'VOIDED', 'DECLINED'] as const).map((status) => charge({ status }))];
    expect([...charges, CAPTURED].map((one) => word(judge(one, known(stage))))).toEqual(expected);
  });

  test('an attempt that another has replaced is held for nobody, and is not taken', () => {
    const { payment, attempt } = known('held');
    const replaced = { payment, attempt: { ...attempt, id: '01939f00-0001-7000-8000-000000000009' } };
    expect(word(judge(charge(), replaced))).toBe('void');
    expect(word(judge(CAPTURED, replaced))).toBe('captured_unwanted');
    expect(word(judge(CAPTURED, { ...replaced, payment: known('taken').payment }))).toBe('captured_twice');
  });

  test.each([
    ['another amount', { amount: { ...EUR_20, amountMinor: 2_001 } }, 'amount_differs'],
    ['another currency', { amount: { ...EUR_20, currency: 'USD' } }, 'amount_differs'],
    ['another order', { orderId: '01939f00-0000-7000-8000-00000000000f' }, 'order_differs'],
    ['no order', { orderId: null }, 'order_differs'],
  ])('%s is reported, however far the payment is', (_what, more, expected) => {
    for (const stage of ['asked', 'held', 'taken', 'cancelled', 'voided'] as const)
      expect(word(judge(charge(more), known(stage)))).toBe(expected);
  });

  test('sums: less taken than we believe, given back without us, not given back', () => {
    expect(word(judge({ ...CAPTURED, capturedMinor: 1_000 }, known('taken')))).toBe('amount_differs');
    expect(word(judge({ ...CAPTURED, capturedMinor: 1_000 }, known('shipping')))).toBe('amount_differs');
    expect(word(judge({ ...CAPTURED, refundedMinor: 500 }, known('taken')))).toBe('unknown_refund');
    expect(word(judge({ ...CAPTURED, refundedMinor: 500 }, known('refunded')))).toBe('fine');
    expect(word(judge(CAPTURED, known('refunded')))).toBe('refund_not_at_provider');
  });

  test('a charge of which we know nothing: only where something is held or was taken', () => {
    expect(word(judge(charge(), null))).toBe('unknown_charge');
    expect(word(judge(CAPTURED, null))).toBe('unknown_charge');
    expect(word(judge(CAPTURED, null, true))).toBe('captured_twice');
    expect(word(judge(charge({ status: 'VOIDED' }), null))).toBe('fine');
    expect(word(judge(charge({ status: 'DECLINED' }), null))).toBe('fine');
  });
});
