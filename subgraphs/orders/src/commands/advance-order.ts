/** The one way an order moves: decide by the status table, write, announce, all in the transaction that holds its lock. */
import { type DomainEvent, newEvent, type Trace } from '@ebuy/events';
import type { AuditEntry } from '@ebuy/runtime';
import { type Announcement, announcementOf } from '../domain/announce.ts';
import { type Deadlines, type Decision, decide, type Trigger } from '../domain/decide.ts';
import type { Order } from '../domain/order.ts';
import type { Announced } from '../domain/status-table.ts';
import type { Transaction } from '../store/index.ts';
import { type LockedOrder, saveMove } from '../store/orders.ts';
import { appendAnnounced } from '../store/story.ts';

export interface AdvanceRequest {
  readonly locked: LockedOrder;
  readonly trigger: Trigger;
  readonly trace: Trace;
  readonly now: Date;
  readonly deadlines: Deadlines;
  /** Who makes the move, for the audit; a deadline is nobody's. */
  readonly audit?: (before: Order, after: Order) => AuditEntry;
}

/** Writes a move; returns the decision, which for everything else changed nothing. */
export async function advanceOrder(tx: Transaction, request: AdvanceRequest): Promise<Decision> {
  const { locked, trigger, trace, now, deadlines, audit } = request;
  const decision = decide(locked.order, trigger, now, deadlines);
  if (decision.kind !== 'moved') return decision;
  const audited = audit ? [audit(locked.order, decision.order)] : [];
  await saveMove(tx, decision.order, decision.entry, audited);
  const announcement = announcementOf(decision, locked.lines);
  if (announcement !== null) await appendAnnounced(tx, locked.order.id, [toEvent(announcement, trace, now)]);
  return decision;
}

export function toEvent({ type, payload }: Announcement, trace: Trace, now: Date): DomainEvent<Announced> {
  return newEvent(type, payload, trace, now);
}
