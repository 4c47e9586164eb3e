import { readFileSync } from 'node:fs';
import { newEvent } from '@ebuy/events';
import { newId } from '@ebuy/kernel';
import { describe, expect, test } from '@jest/globals';
import { announcementOf } from '../src/domain/announce.ts';
import { decide, MAX_PAYMENT_ATTEMPTS, type Trigger } from '../src/domain/decide.ts';
import { ORDER_STATUSES, type Order, type OrderStatus, totalOf } from '../src/domain/order.ts';
import { ANNOUNCEMENTS, type Cell, STATUS_TABLE, TRIGGERS, type TriggerName } from '../src/domain/status-table.ts';
import { aLine, anOrder, DEADLINES, NOW } from './orders.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const cells = ORDER_STATUSES.flatMap((status) => TRIGGERS.map((name): [OrderStatus, TriggerName] => [status, name]));
const LATER = new Date(NOW.getTime() + 7 * 86_400_000);

/** The trigger as it comes in good order: for the current attempt, over the total. */
function triggerFor(name: TriggerName, order: Order): Trigger {
  const attemptId = order.attempt?.id ?? newId();
  switch (name) {
    case 'reservation.made':
      return { name, newAttemptId: newId() };
    case 'payment.authorized':
      return { name, attemptId, amount: totalOf(order), expiresAt: LATER };
    case 'payment.declined':
    case 'payment.actionRequired':
      return { name, attemptId };
    case 'retryPayment':
      return { name, newAttemptId: newId(), paymentMethod: 'pm_card_visa' };
    case 'shopperCancels':
    case 'staffCancels':
      return { name, note: 'changed my mind' };
    case 'shipOrder':
      return { name, carrier: 'Post', trackingNumber: 'T1' };
    case 'reservation.refused':
    case 'deadline':
    case 'deliverOrder':
      return { name };
  }
}

function orderFor(status: OrderStatus, name: TriggerName): Order {
  const order = anOrder(status);
  return name === 'retryPayment' && order.attempt
    ? { ...order, attempt: { ...order.attempt, state: 'DECLINED' } }
    : order;
}

describe('the status table', () => {
  test.each(cells)('%s × %s: decided as the table says', (status, name) => {
    const order = orderFor(status, name);
    const cell = STATUS_TABLE[status][name];
    const decision = decide(order, triggerFor(name, order), NOW, DEADLINES);
    if (cell.kind !== 'move') return expect(decision).toEqual(cell);
    if (decision.kind !== 'moved') throw new Error(`not moved: ${decision.kind}`);
    expect(decision.order).toMatchObject({
      id: order.id,
      version: order.version + 1,
      status: cell.to,
      paymentMethod: null,
    });
    expect(decision.entry).toMatchObject({ version: order.version + 1, status: cell.to, at: NOW, reason: cell.reason });
    const waits = cell.to === 'AWAITING_STOCK' || cell.to === 'AWAITING_PAYMENT';
    expect(decision.order.deadlineAt !== null).toBe(waits);
    const announcement = announcementOf(decision, [aLine()]);
    expect(announcement?.type ?? null).toBe(cell.announces);
    if (announcement) {
      const trace = { correlationId: newId(), causationId: null };
      expect(newEvent(announcement.type, announcement.payload, trace).subject).toBe(order.id);
    }
  });

  test.each(cells)('%s × %s: as README.md says', (status, name) => {
    expect(readmeCell(status, name)).toBe(describeCell(STATUS_TABLE[status][name]));
  });

  test('events and deadlines are never refused, commands never ignored', () => {
    for (const [status, name] of cells) {
      const isCommand = ['retryPayment', 'shopperCancels', 'staffCancels', 'shipOrder', 'deliverOrder'].includes(name);
      expect([status, name, STATUS_TABLE[status][name].kind]).not.toEqual([
        status,
        name,
        isCommand ? 'ignored' : 'refused',
      ]);
    }
  });

  test('DELIVERED and CANCELLED are final, and every other status leads to one of them', () => {
    const next = (status: OrderStatus) =>
      TRIGGERS.map((name) => STATUS_TABLE[status][name]).flatMap((cell) => (cell.kind === 'move' ? [cell.to] : []));
    const final = ORDER_STATUSES.filter((status) => next(status).length === 0);
    expect(final).toEqual(['DELIVERED', 'CANCELLED']);
    for (const status of ORDER_STATUSES) {
      const reached = new Set<OrderStatus>([status]);
      for (const each of reached) for (const to of next(each)) reached.add(to);
      expect(final.some((end) => reached.has(end))).toBe(true);
    }
  });

  test('what was done can be undone from every status until it is shipped', () => {
    for (const status of ['AWAITING_STOCK', 'AWAITING_PAYMENT', 'CONFIRMED'] as const) {
      expect(STATUS_TABLE[status].shopperCancels).toMatchObject({ to: 'CANCELLED', announces: 'order.cancelled' });
    }
    expect(ANNOUNCEMENTS['order.placed'].undoneBy).toBe('order.cancelled');
    expect(ANNOUNCEMENTS['order.paymentRequested'].undoneBy).toBe('order.cancelled');
    for (const [type, { does, undoneBy }] of Object.entries(ANNOUNCEMENTS)) {
      expect(readmeRow(`\`${type}\``)[3]).toBe(undoneBy === null ? '' : `\`${undoneBy}\``);
      expect(does).not.toBe('');
    }
  });
});

describe('beside the status', () => {
  const awaiting = anOrder('AWAITING_PAYMENT');
  const attemptId = awaiting.attempt?.id ?? '';
  const authorized = { name: 'payment.authorized', attemptId, amount: totalOf(awaiting), expiresAt: LATER } as const;

  test('an authorization counts for the current attempt and the exact total only', () => {
    expect(decide(awaiting, authorized, NOW, DEADLINES)).toMatchObject({
      kind: 'moved',
      order: { attempt: { id: attemptId, state: 'AUTHORIZED' }, authorizationEndsAt: LATER, deadlineAt: null },
    });
    for (const wrong of [
      { attemptId: newId() },
      { amount: { amountMinor: 1_891, currency: 'EUR' } },
      { amount: { amountMinor: 1_893, currency: 'EUR' } },
      { amount: { amountMinor: 1_892, currency: 'USD' } },
    ]) {
      expect(decide(awaiting, { ...authorized, ...wrong }, NOW, DEADLINES).kind).toBe('ignored');
    }
  });

  test('a decline counts once, and only for the current attempt', () => {
    const declined = decide(awaiting, { name: 'payment.declined', attemptId }, NOW, DEADLINES);
    if (declined.kind !== 'moved') throw new Error('not noted');
    expect(declined.order).toMatchObject({
      attempt: { state: 'DECLINED' },
      deadlineAt: awaiting.deadlineAt,
      attempts: 1,
    });
    for (const name of ['payment.declined', 'payment.actionRequired'] as const) {
      expect(decide(declined.order, { name, attemptId }, NOW, DEADLINES).kind).toBe('ignored');
      expect(decide(awaiting, { name, attemptId: newId() }, NOW, DEADLINES).kind).toBe('ignored');
    }
    const step = decide(awaiting, { name: 'payment.actionRequired', attemptId }, NOW, DEADLINES);
    if (step.kind !== 'moved') throw new Error('not noted');
    expect(decide(step.order, { name: 'payment.actionRequired', attemptId }, NOW, DEADLINES).kind).toBe('ignored');
    expect(decide(step.order, { name: 'payment.declined', attemptId }, NOW, DEADLINES).kind).toBe('moved');
    expect(decide(step.order, authorized, NOW, DEADLINES).kind).toBe('moved');
  });

  test('a payment is retried after a decline or instead of a second step, not while it runs, nor too often, nor too late', () => {
    const retry = { name: 'retryPayment', newAttemptId: newId(), paymentMethod: 'pm_card_visa' } as const;
    const after = (state: 'REQUESTED' | 'DECLINED' | 'ACTION_REQUIRED', more: Partial<Order> = {}) =>
      decide({ ...awaiting, attempt: { id: attemptId, state }, ...more }, retry, NOW, DEADLINES);
    expect(after('REQUESTED')).toEqual({ kind: 'refused', code: 'PAYMENT_IN_PROGRESS' });
    expect(after('ACTION_REQUIRED').kind).toBe('moved');
    expect(after('DECLINED')).toMatchObject({
      kind: 'moved',
      order: { attempt: { id: retry.newAttemptId, state: 'REQUESTED' }, attempts: 2, deadlineAt: awaiting.deadlineAt },
      paymentMethod: 'pm_card_visa',
    });
    expect(after('DECLINED', { attempts: MAX_PAYMENT_ATTEMPTS })).toEqual({
      kind: 'refused',
      code: 'TOO_MANY_ATTEMPTS',
    });
    expect(after('DECLINED', { deadlineAt: NOW })).toEqual({ kind: 'refused', code: 'ORDER_NOT_PAYABLE' });
  });

  test('a waiting order is given its deadline by the wait, from its beginning', () => {
    const made = decide(anOrder('AWAITING_STOCK'), { name: 'reservation.made', newAttemptId: newId() }, NOW, DEADLINES);
    expect(made).toMatchObject({ kind: 'moved', order: { deadlineAt: new Date('2026-11-23T12:30:00.000Z') } });
  });
});

function readmeCell(status: OrderStatus, name: TriggerName): string | undefined {
  return readmeRow(name)[1 + ORDER_STATUSES.indexOf(status)];
}

/** The cells of the row of a table of README.md that begins with a word. */
function readmeRow(first: string): string[] {
  const rows = readme.split('\n').map((line) => line.split('|').slice(1, -1));
  return rows.map((row) => row.map((cell) => cell.trim())).find((row) => row[0] === first) ?? [];
}

function describeCell(cell: Cell): string {
  if (cell.kind === 'ignored') return '–';
  if (cell.kind === 'refused') return cell.code;
  const target = cell.announces === null ? cell.to : `${cell.to}, ${cell.announces}`;
  return cell.reason === null ? target : `${target} (${cell.reason})`;
}
