/** Payments, locked to be changed: the payment's row first, always, so that nobody waits for each other in a circle. */
import type { Attempt, Payment, Refund } from '../domain/payment.ts';
import type { Transaction } from './index.ts';
import { type AttemptRow, attemptOf, type PaymentRow, paymentOf, type RefundRow, refundOf } from './rows.ts';

export interface Locked {
  readonly payment: Payment;
  /** The one asked for, or the one that counts. */
  readonly attempt: Attempt;
  /** Only where a refund was asked for. */
  readonly refund: Refund | null;
}

/** The payment of an order, with the attempt that counts. */
export async function lockPaymentOf(tx: Transaction, orderId: string): Promise<Locked | null> {
  const [row] = await tx.$queryRaw<PaymentRow[]>`SELECT * FROM payment WHERE order_id = ${orderId}::uuid FOR UPDATE`;
  if (row === undefined) return null;
  const payment = paymentOf(row);
  return { payment, attempt: await readAttempt(tx, payment.attemptId), refund: null };
}

export async function lockAttempt(tx: Transaction, attemptId: string): Promise<Locked | null> {
  const [row] = await tx.$queryRaw<PaymentRow[]>`
    SELECT * FROM payment
     WHERE id = (SELECT payment_id FROM payment_attempt WHERE id = ${attemptId}::uuid) FOR UPDATE`;
  if (row === undefined) return null;
  return { payment: paymentOf(row), attempt: await readAttempt(tx, attemptId), refund: null };
}

export async function lockRefund(tx: Transaction, refundId: string): Promise<Locked | null> {
  const [row] = await tx.$queryRaw<PaymentRow[]>`
    SELECT * FROM payment WHERE id = (SELECT payment_id FROM refund WHERE id = ${refundId}::uuid) FOR UPDATE`;
  if (row === undefined) return null;
  const payment = paymentOf(row);
  const [refund] = await tx.$queryRaw<RefundRow[]>`SELECT * FROM refund WHERE id = ${refundId}::uuid`;
  if (refund === undefined) return null;
  return { payment, attempt: await readAttempt(tx, payment.attemptId), refund: refundOf(refund) };
}

async function readAttempt(tx: Transaction, id: string): Promise<Attempt> {
  const [row] = await tx.$queryRaw<AttemptRow[]>`SELECT * FROM payment_attempt WHERE id = ${id}::uuid`;
  if (row === undefined) throw new Error(`A payment without its attempt ${id}`);
  return attemptOf(row);
}
