/** What is read, and put on the work list, to compare our payments with the provider's books. */
import { newId } from '@ebuy/kernel';
import type { Known } from '../domain/reconciling.ts';
import type { Store, Transaction } from './index.ts';
import { type AttemptRow, attemptOf, type PaymentRow, paymentOf } from './rows.ts';

type KnownRow = { readonly payment: PaymentRow; readonly attempt: AttemptRow };

/** By attempt: what we believe of these references. */
export async function readKnown(store: Store, references: readonly string[]): Promise<Map<string, Known>> {
  const attempts = await store.$queryRaw<AttemptRow[]>`
    SELECT * FROM payment_attempt WHERE id = ANY(${[...references]}::uuid[])`;
  const payments = await store.$queryRaw<PaymentRow[]>`
    SELECT * FROM payment WHERE id = ANY(${attempts.map(({ payment_id: id }) => id)}::uuid[])`;
  const byId = new Map(payments.map((row) => [row.id, row]));
  return new Map(
    attempts.flatMap((attempt) => {
      const payment = byId.get(attempt.payment_id);
      return payment === undefined ? [] : [[attempt.id, known({ payment, attempt })] as const];
    }),
  );
}

const known = ({ payment, attempt }: KnownRow): Known => ({ payment: paymentOf(payment), attempt: attemptOf(attempt) });

/** Which of these orders were paid, in our books. */
export async function readPaidOrders(store: Store, orderIds: readonly string[]): Promise<Set<string>> {
  const rows = await store.$queryRaw<{ order_id: string }[]>`
    SELECT order_id FROM payment WHERE order_id = ANY(${[...orderIds]}::uuid[]) AND captured_minor > 0`;
  return new Set(rows.map((row) => row.order_id));
}

/**
 * Attempts of a time that we believe to be held or taken, without those that the provider has listed. Their ids are UUIDv7, made by
 * orders when it asks for the payment: the primary key finds them by time.
 */
export async function readBelieved(
  store: Store,
  { from, until, settledBefore }: { readonly from: Date; readonly until: Date; readonly settledBefore: Date },
  listed: readonly string[],
  most: number,
): Promise<Known[]> {
  const attempts = await store.$queryRaw<AttemptRow[]>`
    SELECT attempt.* FROM payment_attempt attempt JOIN payment ON payment.id = attempt.payment_id
     WHERE attempt.id >= ${firstIdOf(from)}::uuid AND attempt.id < ${firstIdOf(until)}::uuid AND attempt.status = 'AUTHORIZED'
       AND payment.updated_at < ${settledBefore} AND payment.amount_minor > 0 AND attempt.id <> ALL(${[...listed]}::uuid[])
     ORDER BY attempt.id LIMIT ${most}`;
  return [
    ...(
      await readKnown(
        store,
        attempts.map(({ id }) => id),
      )
    ).values(),
  ];
}

function firstIdOf(moment: Date): string {
  const hex = Math.max(moment.getTime(), 0).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}

/**
 * Asks for a void again: one that was settled before has left something held. With a key of its own, for the provider would give the
 * first answer to the old one again. False: a void waits to be made already.
 */
export async function askForVoidAgain(
  tx: Transaction,
  { payment, attempt }: Known,
  providerId: string,
): Promise<boolean> {
  await tx.$executeRaw`
    UPDATE payment_attempt SET provider_id = ${providerId} WHERE id = ${attempt.id}::uuid AND provider_id IS NULL`;
  await tx.$executeRaw`
    DELETE FROM provider_call WHERE attempt_id = ${attempt.id}::uuid AND refund_id IS NULL AND kind = 'void' AND state = 'DONE'`;
  const asked = await tx.$executeRaw`
    INSERT INTO provider_call (id, kind, state, payment_id, attempt_id, tries, due_at, correlation_id, causation_id, created_at)
    VALUES (${newId()}::uuid, 'void', 'WAITING', ${payment.id}::uuid, ${attempt.id}::uuid, 0, now(),
            ${attempt.trace.correlationId}, ${attempt.trace.causationId}, now())
    ON CONFLICT DO NOTHING`;
  return asked === 1;
}
