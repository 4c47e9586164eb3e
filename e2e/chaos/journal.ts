// What the shop has told its clients, kept by the clients themselves: the evidence against it.
import type { Order } from '@ebuy/tools/demo/shapes.ts';
import type { Key, Shopper } from '@ebuy/tools/demo/shopper.ts';
import type { OrderInput } from '../client/purchase.ts';
import type { Ware } from './schedule.ts';

/** An order that was acknowledged. */
export interface Entry {
  readonly shopper: Shopper;
  readonly input: OrderInput;
  readonly key: Key;
  /** As it was answered first. */
  readonly placed: Order;
  /** As it was seen last. */
  seen: Order;
  /** What was answered with success since: it must still be so in the end. */
  readonly promised: Promises;
}

export interface Promises {
  cancelled?: true;
  shipped?: true;
  delivered?: true;
  /** Minor units that are given back. */
  refundedMinor?: number;
}

export class Journal {
  readonly entries: Entry[] = [];
  /** Why placeOrder was refused for good, by code. */
  readonly refusals: string[] = [];
  /** What is already certain to be wrong. */
  readonly violations: string[] = [];
  /** Units that staff put into stock after the run began. */
  readonly restocked = new Map<Ware, number>();
  /** How often an answer was asked for again: no connection, an error, a key in use. */
  repeats = 0;

  note(violations: readonly string[]): void {
    this.violations.push(...violations);
  }

  /** Keeps what a read showed, and whether time went backwards. */
  see(entry: Entry, order: Order | null): Order {
    this.note(contradictions(entry, order));
    if (order === null) return entry.seen;
    entry.seen = order;
    return order;
  }
}

/** Why what is read now cannot follow what was told before. Pure. */
export function contradictions(entry: Pick<Entry, 'placed' | 'seen'>, order: Order | null): string[] {
  const { placed, seen } = entry;
  const where = `I4 order ${placed.id}`;
  if (order === null) return [`${where} was acknowledged and cannot be read`];
  const found: string[] = [];
  if (order.id !== placed.id) found.push(`${where} is answered as ${order.id}`);
  if (sum(order) !== sum(placed)) found.push(`${where} was acknowledged with ${sum(placed)} and costs ${sum(order)}`);
  if (order.version < seen.version) {
    found.push(`I11 order ${placed.id} went back from version ${seen.version} to ${order.version}`);
  }
  const before = told(seen);
  const now = told(order);
  if (!now.startsWith(before)) found.push(`I11 order ${placed.id} had the history ${before} and now has ${now}`);
  return found;
}

/** What the provider's books must say about an order that has come to rest. Null: it has not. Pure. */
export function expectedCharges({ seen, promised }: Pick<Entry, 'seen' | 'promised'>): {
  readonly heldMinor: number;
  readonly capturedMinor: number;
  readonly refundedMinor: number;
} | null {
  const { amountMinor } = seen.total;
  switch (seen.status) {
    case 'CONFIRMED':
      return { heldMinor: amountMinor, capturedMinor: 0, refundedMinor: 0 };
    case 'SHIPPED':
    case 'DELIVERED':
      return { heldMinor: 0, capturedMinor: amountMinor, refundedMinor: promised.refundedMinor ?? 0 };
    case 'CANCELLED':
      return { heldMinor: 0, capturedMinor: 0, refundedMinor: 0 };
    case 'AWAITING_STOCK':
    case 'AWAITING_PAYMENT':
      return null;
  }
}

/** What was promised and is not so. Pure. */
export function broken({ seen, promised }: Pick<Entry, 'seen' | 'promised'>): string[] {
  const { id, status } = seen;
  const found: string[] = [];
  if (promised.cancelled && status !== 'CANCELLED')
    found.push(`I4 order ${id} was cancelled with success and is ${status}`);
  if (promised.delivered && status !== 'DELIVERED')
    found.push(`I4 order ${id} was delivered with success and is ${status}`);
  if (promised.shipped && status !== 'SHIPPED' && status !== 'DELIVERED') {
    found.push(`I4 order ${id} was shipped with success and is ${status}`);
  }
  return found;
}

const sum = ({ total }: Order) => `${total.amountMinor} ${total.currency}`;
const told = ({ history }: Order) =>
  history.map(({ status, at, reason }) => `${status} ${at} ${reason ?? ''}`).join(' | ');
