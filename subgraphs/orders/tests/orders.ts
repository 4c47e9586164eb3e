import { newId } from '@ebuy/kernel';
import type { Order, OrderLine, OrderStatus } from '../src/domain/order.ts';

export const NOW = new Date('2026-11-23T12:00:00.000Z');
export const DEADLINES = { stockSeconds: 120, paymentSeconds: 1_800 };

/** An order as it stands in a status: one line of EUR 10.00, shipped to Germany. */
export function anOrder(status: OrderStatus, more: Partial<Order> = {}): Order {
  const waits = status === 'AWAITING_STOCK' || status === 'AWAITING_PAYMENT';
  return {
    id: newId(),
    number: 123,
    version: 3,
    status,
    cartId: newId(),
    userId: null,
    clientId: null,
    email: 'someone@example.com',
    shippingAddress: {
      recipient: 'Someone',
      line1: 'Street 1',
      line2: null,
      city: 'Berlin',
      region: null,
      postalCode: '10115',
      countryCode: 'DE',
      phone: null,
    },
    shippingOptionCode: 'STANDARD',
    currency: 'EUR',
    subtotalMinor: 1_000,
    shippingMinor: 590,
    taxMinor: 302,
    totalMinor: 1_892,
    paymentMethod: status === 'AWAITING_STOCK' ? 'pm_card_visa' : null,
    attempt: status === 'AWAITING_STOCK' ? null : { id: newId(), state: 'REQUESTED' },
    attempts: status === 'AWAITING_STOCK' ? 0 : 1,
    authorizationEndsAt: null,
    deadlineAt: waits ? new Date(NOW.getTime() + 60_000) : null,
    carrier: null,
    trackingNumber: null,
    correlationId: newId(),
    placedAt: NOW,
    ...more,
  };
}

export function aLine(more: Partial<OrderLine> = {}): OrderLine {
  return {
    id: newId(),
    productId: newId(),
    variantId: newId(),
    sku: 'SKU-1',
    title: 'A thing',
    quantity: 1,
    unitPrice: { amountMinor: 1_000, currency: 'EUR' },
    lineTotal: { amountMinor: 1_000, currency: 'EUR' },
    taxMinor: 190,
    ...more,
  };
}
