import { isId, type Money, newId } from '@ebuy/kernel';
import { type Auditor, once } from '@ebuy/runtime';
import type { Refund } from '../domain/payment.ts';
import { type RefundRequest, requestRefund } from '../domain/refunding.ts';
import { readRefund } from '../queries/refund.ts';
import { refusal } from '../refusals.ts';
import { auditedRefund } from '../store/audited.ts';
import { change } from '../store/change.ts';
import { lockPaymentOf } from '../store/payments.ts';
import type { ProviderCall } from '../store/provider-calls.ts';
import type { Payments } from './payments.ts';

/** How long the caller waits for the provider before the refund is shown as pending. */
const PATIENCE_MS = 4_000;
const REASON_MAX_CHARACTERS = 500;

export interface RefundOrder {
  readonly orderId: string;
  readonly amount: Money | null;
  readonly reason: string;
  readonly idempotencyKey: string;
  readonly expectedVersion: number | null;
  /** Whose key it is, and who is on record: `user:<id>`, `client:<id>`. */
  readonly principal: string;
  readonly correlationId: string;
  readonly audit: Auditor;
}

export interface RefundAnswer {
  readonly refund: Refund;
  readonly currency: string;
  readonly replayed: boolean;
}

/** Gives back what was taken. The amount is set aside in the transaction that asks; the provider follows. */
export async function refundOrder(payments: Payments, command: RefundOrder): Promise<RefundAnswer> {
  check(command);
  const { orderId, amount, reason, principal, correlationId } = command;
  const request = {
    principal,
    operation: 'refundOrder',
    key: command.idempotencyKey,
    input: { orderId, amount, reason, expectedVersion: command.expectedVersion },
  };
  let calls: readonly ProviderCall[] = [];
  const { answer, replayed } = await once<{ refundId: string }>(payments.store, request, async (settle) => {
    const wanted: RefundRequest = {
      refundId: newId(),
      amount,
      reason: reason.trim(),
      requestedBy: principal,
      trace: { correlationId, causationId: null },
    };
    const done = { refundId: wanted.refundId };
    const changed = await change(payments.store, {
      lock: (tx) => lockPaymentOf(tx, orderId),
      decide: ({ payment, attempt }) => {
        checkVersion(command);
        return requestRefund(payment, attempt, wanted, new Date());
      },
      also: (tx) => settle(tx, done),
      audited: (decision) => [command.audit(auditedRefund(decision), decision.payment.updatedAt)],
      trace: wanted.trace,
    });
    if (changed.outcome === 'absent') throw refusal('PAYMENT_NOT_FOUND', { field: ['orderId'] });
    calls = changed.calls;
    return done;
  });
  if (!replayed) await atMost(PATIENCE_MS, payments.makeCalls(calls));
  const { refund, currency } = await readRefund(payments.store, answer.refundId);
  if (refund.status === 'FAILED') {
    throw refusal('REFUND_FAILED', {
      message: `The payment provider refused the refund: ${refund.failure?.message ?? ''}`,
    });
  }
  return { refund, currency, replayed };
}

function check({ orderId, reason, idempotencyKey }: RefundOrder): void {
  if (!isId(orderId)) throw refusal('PAYMENT_NOT_FOUND', { field: ['orderId'] });
  const { length } = reason.trim();
  if (length === 0 || length > REASON_MAX_CHARACTERS || /\p{Cc}/u.test(reason.trim()) || !reason.isWellFormed()) {
    throw refusal('INVALID_REASON', { field: ['reason'] });
  }
  if (/\p{Cc}/u.test(idempotencyKey) || !idempotencyKey.isWellFormed() || !/^.{1,255}$/su.test(idempotencyKey)) {
    throw refusal('INVALID_IDEMPOTENCY_KEY', { field: ['idempotencyKey'] });
  }
}

/** The version is the order's, which a refund never moves and only orders knows: all that can be said is that none is below 1. */
function checkVersion({ orderId, expectedVersion }: RefundOrder): void {
  if (expectedVersion === null || expectedVersion >= 1) return;
  throw refusal('VERSION_CONFLICT', { field: ['expectedVersion'], current: { id: orderId } });
}

async function atMost(timeoutMs: number, done: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([done, deadline]);
  clearTimeout(timer);
}
