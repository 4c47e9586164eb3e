import { type Caller, hasScope } from '@ebuy/kernel';
import type { Order } from './order.ts';

/** How a caller came to an order. */
export type Access = 'owner' | 'tokenHolder' | 'staff' | 'partner';

/**
 * Null: for this caller the order does not exist. A token opens a guest's order only: nobody else was handed one.
 */
export function accessTo(
  order: Order,
  caller: Caller,
  options: { readonly tokenOpens: boolean; readonly staffScope: 'orders:read' | 'orders:write' },
): Access | null {
  if (caller.kind === 'user' && order.userId !== null && caller.id === order.userId) return 'owner';
  if (options.tokenOpens && isGuests(order)) return 'tokenHolder';
  if (hasScope(caller, options.staffScope)) return 'staff';
  if (caller.kind === 'client' && order.clientId !== null && caller.id === order.clientId && mayPartner(caller)) {
    return 'partner';
  }
  return null;
}

export function isGuests(order: Order): boolean {
  return order.userId === null && order.clientId === null;
}

/** A partner's machine sees and places orders only with this scope. */
export function mayPartner(caller: Caller): boolean {
  return hasScope(caller, 'partner:orders');
}

/** E-mail and address: a partner knows its shoppers itself. */
export function seesContact(access: Access): boolean {
  return access !== 'partner';
}
