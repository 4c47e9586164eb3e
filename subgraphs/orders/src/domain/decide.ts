/** What a trigger makes of an order: the status table, and what must hold beside the status. Pure: time and ids are handed in. */
import type { Money } from '@ebuy/kernel';
import type { RefusalCode } from '../refusals.ts';
import { type Attempt, type HistoryEntry, type Order, type OrderStatus, totalOf } from './order.ts';
import { type Announced, type Ignored, type Move, type Refused, STATUS_TABLE } from './status-table.ts';

/** Card testing ends here: an order has this many attempts to be paid. */
export const MAX_PAYMENT_ATTEMPTS = 10;

export type Trigger =
  | { readonly name: 'reservation.made'; readonly newAttemptId: string }
  | { readonly name: 'reservation.refused' }
  | {
      readonly name: 'payment.authorized';
      readonly attemptId: string;
      readonly amount: Money;
      readonly expiresAt: Date;
    }
  | { readonly name: 'payment.declined'; readonly attemptId: string }
  | { readonly name: 'payment.actionRequired'; readonly attemptId: string }
  | { readonly name: 'deadline' }
  | { readonly name: 'retryPayment'; readonly newAttemptId: string; readonly paymentMethod: string }
  | { readonly name: 'shopperCancels'; readonly note: string | null }
  | { readonly name: 'staffCancels'; readonly note: string | null }
  | { readonly name: 'shipOrder'; readonly carrier: string | null; readonly trackingNumber: string | null }
  | { readonly name: 'deliverOrder' };

/** How long an order waits. */
export interface Deadlines {
  readonly stockSeconds: number;
  readonly paymentSeconds: number;
}

export interface Moved {
  readonly kind: 'moved';
  readonly order: Order;
  readonly entry: HistoryEntry;
  readonly announces: Announced | null;
  /** For `order.paymentRequested`: handed on and, in the order, forgotten. */
  readonly paymentMethod: string | null;
}

export type Decision = Moved | Refused | Ignored;

export function decide(order: Order, trigger: Trigger, now: Date, deadlines: Deadlines): Decision {
  const cell = STATUS_TABLE[order.status][trigger.name];
  if (cell.kind !== 'move') return cell;
  return objection(order, trigger, now) ?? moved(order, cell, trigger, now, deadlines);
}

/** What stands against a move beside the status. */
function objection(order: Order, trigger: Trigger, now: Date): Refused | Ignored | null {
  switch (trigger.name) {
    case 'payment.authorized': {
      const total = totalOf(order);
      if (trigger.attemptId !== order.attempt?.id) return ignored('of an attempt that was given up');
      if (trigger.amount.amountMinor !== total.amountMinor || trigger.amount.currency !== total.currency) {
        return ignored('of another amount than the order comes to');
      }
      return null;
    }
    case 'payment.declined':
    case 'payment.actionRequired':
      if (trigger.attemptId !== order.attempt?.id) return ignored('of an attempt that was given up');
      if (order.attempt.state === 'DECLINED') return ignored('this attempt was declined before');
      if (order.attempt.state === stateAfter(trigger)) return ignored('this was said before');
      return null;
    case 'retryPayment':
      if (order.deadlineAt !== null && order.deadlineAt <= now) return refused('ORDER_NOT_PAYABLE');
      if (order.attempt?.state === 'REQUESTED') return refused('PAYMENT_IN_PROGRESS');
      if (order.attempts >= MAX_PAYMENT_ATTEMPTS) return refused('TOO_MANY_ATTEMPTS');
      return null;
    case 'reservation.made':
    case 'reservation.refused':
    case 'deadline':
    case 'shopperCancels':
    case 'staffCancels':
    case 'shipOrder':
    case 'deliverOrder':
      return null;
  }
}

function moved(order: Order, move: Move, trigger: Trigger, now: Date, deadlines: Deadlines): Moved {
  const attempt = attemptAfter(order, trigger);
  const next: Order = {
    ...order,
    version: order.version + 1,
    status: move.to,
    // Whatever the first move is, it asks the provider or ends the order.
    paymentMethod: null,
    attempt,
    attempts: attempt?.id === order.attempt?.id ? order.attempts : order.attempts + 1,
    authorizationEndsAt: trigger.name === 'payment.authorized' ? trigger.expiresAt : order.authorizationEndsAt,
    deadlineAt: move.to === order.status ? order.deadlineAt : deadlineFor(move.to, now, deadlines),
    ...(trigger.name === 'shipOrder' ? { carrier: trigger.carrier, trackingNumber: trigger.trackingNumber } : {}),
  };
  return {
    kind: 'moved',
    order: next,
    entry: { version: next.version, status: next.status, at: now, reason: move.reason, note: noteOf(trigger) },
    announces: move.announces,
    paymentMethod: trigger.name === 'retryPayment' ? trigger.paymentMethod : order.paymentMethod,
  };
}

function attemptAfter(order: Order, trigger: Trigger): Attempt | null {
  if (trigger.name === 'reservation.made' || trigger.name === 'retryPayment') {
    return { id: trigger.newAttemptId, state: 'REQUESTED' };
  }
  const state = stateAfter(trigger);
  return order.attempt === null || state === null ? order.attempt : { id: order.attempt.id, state };
}

function stateAfter(trigger: Trigger): Attempt['state'] | null {
  if (trigger.name === 'payment.authorized') return 'AUTHORIZED';
  if (trigger.name === 'payment.declined') return 'DECLINED';
  return trigger.name === 'payment.actionRequired' ? 'ACTION_REQUIRED' : null;
}

function noteOf(trigger: Trigger): string | null {
  return trigger.name === 'shopperCancels' || trigger.name === 'staffCancels' ? trigger.note : null;
}

/** A wait's end is counted from its beginning: another card does not prolong it. */
export function deadlineFor(status: OrderStatus, now: Date, deadlines: Deadlines): Date | null {
  if (status === 'AWAITING_STOCK') return new Date(now.getTime() + deadlines.stockSeconds * 1_000);
  if (status === 'AWAITING_PAYMENT') return new Date(now.getTime() + deadlines.paymentSeconds * 1_000);
  return null;
}

const ignored = (why: string): Ignored => ({ kind: 'ignored', why });
const refused = (code: RefusalCode): Refused => ({ kind: 'refused', code });
