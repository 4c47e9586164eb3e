import { appendEvents, type DomainEvent, newEvent } from '@ebuy/events';
import { cancellationReason, placed } from '../domain/announce.ts';
import type { SayAgain } from '../domain/followed.ts';
import type { SettledOrder } from '../store/followed.ts';
import { lastReason, lastSaid, requestAsSent } from '../store/followed.ts';
import { inTransaction, type Store, type Transaction } from '../store/index.ts';
import { type LockedOrder, lockOrder } from '../store/orders.ts';

/**
 * Says of an order what was said before, as an event of its own that was caused by the first: it leaves through the outbox like every
 * other, and who has applied the first takes it as a repetition. Only while the order still is as it was compared. False: it was not said.
 */
export async function sayAgain(
  { store, now }: { readonly store: Store; readonly now: () => Date },
  { id, version }: SettledOrder,
  type: SayAgain,
): Promise<boolean> {
  return inTransaction(store, async (tx) => {
    const locked = await lockOrder(tx, id);
    if (locked === null || locked.order.version !== version) return false;
    const causationId = await lastSaid(tx, id, type);
    const event = await rebuild(tx, locked, type, causationId, now());
    if (event === null) return false;
    await appendEvents(tx, [event]);
    return true;
  });
}

async function rebuild(
  tx: Transaction,
  { order, lines }: LockedOrder,
  type: SayAgain,
  causationId: string | null,
  at: Date,
): Promise<DomainEvent | null> {
  const trace = { correlationId: order.correlationId, causationId };
  const orderId = order.id;
  switch (type) {
    case 'order.placed': {
      const { payload } = placed(order, lines);
      return newEvent(type, payload, trace, at);
    }
    case 'order.shipped':
      return newEvent(type, { orderId }, trace, at);
    case 'order.cancelled':
      return newEvent(type, { orderId, reason: cancellationReason(await lastReason(tx, orderId)) }, trace, at);
    case 'order.paymentRequested': {
      const sent = causationId === null ? null : await requestAsSent(tx, causationId);
      return sent === null || sent.attemptId !== order.attempt?.id ? null : newEvent(type, sent, trace, at);
    }
  }
}
