/** Events in: those that move an order, those that its story tells, and its own, for who watches. */
import { CONSUMER_GROUPS, type DomainEvent, type Reaction } from '@ebuy/events';
import { newId } from '@ebuy/kernel';
import type { Live } from '@ebuy/runtime';
import { announceOrder, announceOrderWhenBack } from '../commands/announce-order.ts';
import { type FollowEventNeeds, followEvent } from '../commands/follow-event.ts';
import type { ToldType } from '../domain/story.ts';
import type { Store } from '../store/index.ts';
import { noteEvents } from '../store/story.ts';

export interface ReactionNeeds extends FollowEventNeeds {
  readonly live: Live;
}

type OfOrder = DomainEvent<ToldType> & { readonly payload: { readonly orderId: string } };

export function followReservations(needs: FollowEventNeeds): Reaction {
  const note = (event: OfOrder) => noteOf(needs.store, [event]);
  return {
    group: CONSUMER_GROUPS.followReservations,
    on: {
      'reservation.made': (event, delivery) =>
        followEvent(needs, event, delivery, {
          orderId: event.payload.orderId,
          trigger: { name: 'reservation.made', newAttemptId: newId() },
        }),
      'reservation.refused': (event, delivery) =>
        followEvent(needs, event, delivery, {
          orderId: event.payload.orderId,
          trigger: { name: 'reservation.refused' },
        }),
      'reservation.consumed': note,
      'reservation.released': note,
    },
  };
}

/** An authorization is told by the order.confirmed that it leads to; all else that a payment says, here, once it is written. */
export function followPayments(needs: ReactionNeeds): Reaction {
  const noteAndTell = async (event: OfOrder) => {
    await noteOf(needs.store, [event]);
    await announceOrderWhenBack(needs, event.payload.orderId);
  };
  return {
    group: CONSUMER_GROUPS.followPayments,
    on: {
      'payment.authorized': (event, delivery) => {
        const { orderId, attemptId, amount, expiresAt } = event.payload;
        return followEvent(needs, event, delivery, {
          orderId,
          trigger: { name: 'payment.authorized', attemptId, amount, expiresAt: new Date(expiresAt) },
        });
      },
      'payment.declined': async (event, delivery) => {
        const { orderId, attemptId } = event.payload;
        await followEvent(needs, event, delivery, { orderId, trigger: { name: 'payment.declined', attemptId } });
        await announceOrderWhenBack(needs, orderId);
      },
      'payment.actionRequired': async (event, delivery) => {
        const { orderId, attemptId } = event.payload;
        await followEvent(needs, event, delivery, { orderId, trigger: { name: 'payment.actionRequired', attemptId } });
        await announceOrderWhenBack(needs, orderId);
      },
      'payment.captured': noteAndTell,
      'payment.captureFailed': noteAndTell,
      'payment.voided': noteAndTell,
      'payment.refunded': noteAndTell,
    },
  };
}

/** A cart that kept lines says cart.changed, and names the order; one that changed for itself names none. */
export function noteEmptiedCarts({ store }: FollowEventNeeds): Reaction {
  const note = async (events: readonly DomainEvent[]) => {
    const ofOrders = (events as readonly OfOrder[]).filter(({ payload }) => payload.orderId !== undefined);
    if (ofOrders.length > 0) await noteOf(store, ofOrders);
  };
  return {
    group: CONSUMER_GROUPS.noteEmptiedCarts,
    on: { 'cart.emptied': (event) => note([event]), 'cart.changed': (event) => note([event]) },
    onBatch: note,
  };
}

export function notePurchases({ store }: FollowEventNeeds): Reaction {
  return {
    group: CONSUMER_GROUPS.notePurchases,
    on: { 'purchase.recorded': (event) => noteOf(store, [event]) },
    onBatch: (events) => noteOf(store, events as readonly OfOrder[]),
  };
}

export function announceOrders(needs: ReactionNeeds): Reaction {
  const announce = (event: OfOrder) => announceOrder(needs, event.payload.orderId);
  return {
    group: CONSUMER_GROUPS.announceOrders,
    on: {
      'order.placed': announce,
      'order.paymentRequested': announce,
      'order.confirmed': announce,
      'order.cancelled': announce,
      'order.shipped': announce,
      'order.delivered': announce,
    },
    onBatch: async (events) => {
      const orderIds = new Set((events as readonly OfOrder[]).map(({ payload }) => payload.orderId));
      await Promise.all([...orderIds].map((orderId) => announceOrder(needs, orderId)));
    },
  };
}

function noteOf(store: Store, events: readonly OfOrder[]): Promise<void> {
  return noteEvents(
    store,
    events.map((event) => ({ orderId: event.payload.orderId, event })),
  );
}
