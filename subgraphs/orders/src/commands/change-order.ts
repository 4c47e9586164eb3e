/** What every command on a placed order has in common: whose it is, once a key, the expected version, the move. */
import { isId, type Refusal } from '@ebuy/kernel';
import { auditorOf, once, opensWith, type RequestContext } from '@ebuy/runtime';
import { type Access, accessTo } from '../domain/access.ts';
import { auditedMove } from '../domain/audited.ts';
import { checkIdempotencyKey } from '../domain/checks.ts';
import type { Deadlines, Trigger } from '../domain/decide.ts';
import type { Order } from '../domain/order.ts';
import { type OrderSeen, seenBy } from '../domain/order-seen.ts';
import { type RefusalCode, refusal } from '../refusals.ts';
import { inTransaction, type Store } from '../store/index.ts';
import { lockOrder } from '../store/orders.ts';
import { findOrder } from '../store/reads.ts';
import { advanceOrder } from './advance-order.ts';
import { principalOf } from './principal.ts';

export interface ChangeOrderNeeds {
  readonly store: Store;
  readonly accessTokenSecret: string;
  readonly deadlines: Deadlines;
  readonly now: () => Date;
}

export interface ChangeOrderRequest {
  readonly operation: string;
  readonly orderId: string;
  readonly accessToken?: string | null | undefined;
  readonly idempotencyKey: string;
  readonly expectedVersion?: number | null | undefined;
  /** What else the idempotency key stands for. */
  readonly input: Readonly<Record<string, unknown>>;
  /** The move for whoever came this way; null: not theirs to make, and so not theirs to see. */
  readonly triggerFor: (access: Access) => Trigger | null;
}

export interface ChangedOrder {
  readonly order: OrderSeen;
  readonly replayed: boolean;
}

export async function changeOrder(
  needs: ChangeOrderNeeds,
  context: RequestContext,
  request: ChangeOrderRequest,
): Promise<ChangedOrder> {
  const key = checkIdempotencyKey(request.idempotencyKey);
  const { expectedVersion } = request;
  const orderId = request.orderId.toLowerCase();
  const found = isId(orderId) ? await findOrder(needs.store, orderId) : null;
  const access = found === null ? null : accessFor(needs, context, found, request.accessToken);
  const trigger = access === null ? null : request.triggerFor(access);
  if (found === null || access === null || trigger === null) throw refusal('ORDER_NOT_FOUND', { field: ['orderId'] });

  const audited = auditorOf(context, { asStaff: access === 'staff' });
  let changed = null as Order | null;
  const { replayed } = await once<{ orderId: string }>(
    needs.store,
    {
      principal: principalOf(context.caller, found.cartId),
      operation: request.operation,
      key,
      input: { orderId, expectedVersion, ...request.input },
    },
    async (settle) => {
      changed = await inTransaction(needs.store, async (tx) => {
        const locked = await lockOrder(tx, orderId);
        if (locked === null) throw refusal('ORDER_NOT_FOUND', { field: ['orderId'] });
        if (expectedVersion !== null && expectedVersion !== undefined && expectedVersion !== locked.order.version) {
          throw refuseShowing('VERSION_CONFLICT', access, locked.order, ['expectedVersion']);
        }
        const now = needs.now();
        const decision = await advanceOrder(tx, {
          locked,
          trigger,
          trace: { correlationId: context.correlationId, causationId: null },
          now,
          deadlines: needs.deadlines,
          audit: (before, after) => audited(auditedMove(request.operation, before, after), now),
        });
        if (decision.kind === 'refused') throw refuseShowing(decision.code, access, locked.order, ['orderId']);
        if (decision.kind === 'ignored') throw new Error(`a command cannot be ignored: ${decision.why}`);
        await settle(tx, { orderId });
        return decision.order;
      });
      return { orderId };
    },
  );
  const order = changed ?? (await findOrder(needs.store, orderId)) ?? found;
  return { order: seenBy(access, order), replayed };
}

function accessFor(
  needs: ChangeOrderNeeds,
  { caller }: RequestContext,
  order: Order,
  accessToken: string | null | undefined,
): Access | null {
  const tokenOpens = opensWith(needs.accessTokenSecret, 'order', order.id, accessToken);
  return accessTo(order, caller, { tokenOpens, staffScope: 'orders:write' });
}

/** Whoever may change an order is shown how it stands when they may not change it so. */
function refuseShowing(code: RefusalCode, access: Access, order: Order, field: readonly string[]): Refusal {
  return refusal(code, { current: seenBy(access, order), field });
}
