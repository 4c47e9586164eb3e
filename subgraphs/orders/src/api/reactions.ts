/** Events in. Types that are not named here are passed over: the saga does not depend on them. */
import { CONSUMER_GROUPS, type Reaction } from '@ebuy/events';
import { newId } from '@ebuy/kernel';
import { type FollowEventNeeds, followEvent } from '../commands/follow-event.ts';

export function followReservations(needs: FollowEventNeeds): Reaction {
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
    },
  };
}

export function followPayments(needs: FollowEventNeeds): Reaction {
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
      'payment.declined': (event, delivery) => {
        const { orderId, attemptId } = event.payload;
        return followEvent(needs, event, delivery, { orderId, trigger: { name: 'payment.declined', attemptId } });
      },
      'payment.actionRequired': (event, delivery) => {
        const { orderId, attemptId } = event.payload;
        return followEvent(needs, event, delivery, { orderId, trigger: { name: 'payment.actionRequired', attemptId } });
      },
    },
  };
}
