import { newId } from '@ebuy/kernel';
import { readSubgraphSdl } from '@ebuy/schema';
import {
  type AuditReader,
  auditedBy,
  auditedMutations,
  auditOfPostgres,
  CLIENT_ADDRESS,
  eventually,
  shopper,
  staff,
} from '@ebuy/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { cancelled, openStage, paidOrder, requested, type Stage, shipped, untilStatus } from './stage.ts';

const SUPPORT = staff(['orders:read', 'orders:write']);
const BUSY = { timeoutMs: 45_000 };
const PATIENCE_MS = 180_000;
const AUDITED = auditedMutations(readSubgraphSdl('payments'), { payment: true });
const REFUND = `mutation ($input: RefundOrderInput!) { refundOrder(input: $input) {
  order { id } refund { id } replayed userErrors { code } } }`;

interface Refunded {
  readonly refund: { readonly id: string } | null;
  readonly replayed: boolean;
  readonly userErrors: readonly { readonly code: string }[];
}

let stage: Stage;
let read: AuditReader;
beforeAll(async () => {
  stage = await openStage();
  read = auditOfPostgres(stage.database);
}, 120_000);
afterAll(() => stage?.close());

async function refund(input: Record<string, unknown>, caller = SUPPORT): Promise<Refunded | null> {
  const whole = { reason: 'Ada was unhappy', idempotencyKey: newId(), ...input };
  const { result } = await stage.router.ask<{ refundOrder: Refunded | null }>(REFUND, { input: whole }, caller);
  return result?.refundOrder ?? null;
}

/** What is on record about an order, in the order of what happened. */
const recordOf = async (orderId: string) => {
  const entries = (await read()).filter(({ detail }) => detail.orderId === orderId);
  return entries.toSorted((a, b) => (a.version ?? 0) - (b.version ?? 0));
};
const decisionsOf = async (orderId: string) => (await recordOf(orderId)).map(({ action }) => action);

test('every mutation of the schema has its case here', () => {
  expect(AUDITED).toEqual(['refundOrder']);
});

describe('refundOrder', () => {
  test(
    'leaves one entry by whoever asked, a repeat none, a refusal none',
    async () => {
      const orderId = await paidOrder(stage);
      const input = { orderId, amount: { amountMinor: 500, currency: 'EUR' }, idempotencyKey: newId() };
      let refundId = '';
      const done = await auditedBy(read, AUDITED, async () => {
        refundId = (await refund(input))?.refund?.id ?? '';
      });
      expect(done).toEqual([
        {
          ...{ id: expect.any(String), at: expect.any(String), correlationId: expect.any(String), causationId: null },
          actor: { kind: 'staff', id: 'staff', clientId: 'ebuy-dev', roles: ['admin'] },
          action: 'refundOrder',
          aggregate: { type: 'Payment', id: expect.any(String) },
          version: expect.any(Number),
          detail: { orderId, status: 'CAPTURED', refundId, amountMinor: 500, currency: 'EUR' },
          from: { address: CLIENT_ADDRESS, service: 'router' },
        },
      ]);
      expect(JSON.stringify(done)).not.toMatch(/Ada|unhappy/);
      const none = (act: () => Promise<unknown>) => auditedBy(read, AUDITED, act);
      expect(await none(async () => expect((await refund(input))?.replayed).toBe(true))).toEqual([]);
      const tooMuch = { orderId, amount: { amountMinor: 9_999, currency: 'EUR' } };
      expect(await none(async () => expect((await refund(tooMuch))?.refund).toBeNull())).toEqual([]);
      expect(await none(async () => expect(await refund({ orderId }, shopper('u-1'))).toBeNull())).toEqual([]);
      await eventually(async () => expect(await decisionsOf(orderId)).toContain('payment.refunded'), BUSY);
      expect((await recordOf(orderId)).at(-1)).toMatchObject({
        actor: { kind: 'service', id: 'payments' },
        action: 'payment.refunded',
        detail: { refundId, amountMinor: 500, currency: 'EUR', booked: ['REFUND'] },
        from: null,
        correlationId: done[0]?.correlationId,
      });
    },
    PATIENCE_MS,
  );
});

describe('what payments decides by itself is on record, each once', () => {
  test(
    'authorized and captured',
    async () => {
      const orderId = await paidOrder(stage);
      await eventually(
        async () => expect(await decisionsOf(orderId)).toEqual(['payment.authorized', 'payment.captured']),
        BUSY,
      );
      expect(await recordOf(orderId)).toMatchObject([
        {
          actor: { kind: 'service', id: 'payments', clientId: null, roles: [] },
          detail: { orderId, attemptId: expect.any(String), amountMinor: 2_000, currency: 'EUR', booked: ['HOLD'] },
          correlationId: 'test',
        },
        { detail: { status: 'CAPTURED', amountMinor: 2_000, booked: ['RELEASE', 'CAPTURE'] } },
      ]);
    },
    PATIENCE_MS,
  );

  test(
    'declined, with the provider’s code and without its words',
    async () => {
      const orderId = newId();
      await stage.say(requested(orderId, 'pm_card_declined'));
      await stage.hear('payment.declined', orderId);
      const [entry, ...more] = await recordOf(orderId);
      expect([entry?.action, more]).toEqual(['payment.declined', []]);
      expect(entry?.detail.failure).toMatch(/^[\w]+$/);
    },
    PATIENCE_MS,
  );

  test(
    'voided, because the order was cancelled',
    async () => {
      const orderId = await paidOrder(stage, 'pm_card_visa', 'authorized');
      await stage.say(cancelled(orderId));
      await untilStatus(stage, orderId, 'VOIDED');
      expect(await decisionsOf(orderId)).toEqual(['payment.authorized', 'payment.voided']);
    },
    PATIENCE_MS,
  );

  test(
    'an event that comes twice is on record once',
    async () => {
      const orderId = await paidOrder(stage, 'pm_card_visa', 'authorized');
      const event = shipped(orderId);
      await stage.say(event, event);
      await stage.hear('payment.captured', orderId);
      await stage.say(event);
      const after = await paidOrder(stage);
      await eventually(async () => expect(await decisionsOf(after)).toContain('payment.captured'), BUSY);
      expect(await decisionsOf(orderId)).toEqual(['payment.authorized', 'payment.captured']);
    },
    PATIENCE_MS,
  );
});
