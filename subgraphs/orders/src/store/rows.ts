/** From rows to the domain's words. Amounts are bigint in PostgreSQL and safe integers by its checks and ours. */
import { multiplyMoney } from '@ebuy/kernel';
import type { Address, Attempt, HistoryEntry, Order, OrderLine, OrderStatus } from '../domain/order.ts';
import type { Order as PrismaOrder, OrderHistory as PrismaOrderHistory } from '../generated/prisma/client.ts';

export type OrderRow = Omit<PrismaOrder, 'emailLower'>;

export interface LineRow {
  readonly id: string;
  readonly productId: string;
  readonly variantId: string;
  readonly sku: string;
  readonly title: string;
  readonly quantity: number;
  readonly unitPriceMinor: bigint | number;
  readonly taxMinor: bigint | number;
}

export function toOrder(row: OrderRow): Order {
  return {
    id: row.id,
    number: Number(row.number),
    version: row.version,
    status: row.status as OrderStatus,
    cartId: row.cartId,
    userId: row.userId,
    clientId: row.clientId,
    email: row.email,
    shippingAddress: row.shippingAddress as unknown as Address,
    shippingOptionCode: row.shippingOptionCode,
    currency: row.currency,
    subtotalMinor: Number(row.subtotalMinor),
    shippingMinor: Number(row.shippingMinor),
    taxMinor: Number(row.taxMinor),
    totalMinor: Number(row.totalMinor),
    paymentMethod: row.paymentMethod,
    attempt: row.attemptId === null ? null : { id: row.attemptId, state: row.attemptState as Attempt['state'] },
    attempts: row.attempts,
    authorizationEndsAt: row.authorizationEndsAt,
    deadlineAt: row.deadlineAt,
    carrier: row.carrier,
    trackingNumber: row.trackingNumber,
    correlationId: row.correlationId,
    placedAt: row.placedAt,
  };
}

export function toLine(row: LineRow, currency: string): OrderLine {
  const unitPrice = { amountMinor: Number(row.unitPriceMinor), currency };
  return {
    id: row.id,
    productId: row.productId,
    variantId: row.variantId,
    sku: row.sku,
    title: row.title,
    quantity: row.quantity,
    unitPrice,
    lineTotal: multiplyMoney(unitPrice, row.quantity),
    taxMinor: Number(row.taxMinor),
  };
}

export function toEntry(row: PrismaOrderHistory): HistoryEntry {
  return {
    version: row.version,
    status: row.status as OrderStatus,
    at: row.at,
    reason: row.reason as HistoryEntry['reason'],
    note: row.note,
  };
}
