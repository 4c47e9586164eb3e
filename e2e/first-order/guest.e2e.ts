// A guest's whole visit: from a product page to a delivered and refunded order.

import { newId } from '@ebuy/kernel';
import { eventually } from '@ebuy/testing';
import { ADDRESSES } from '@ebuy/tools/demo/addresses.ts';
import type { Order } from '@ebuy/tools/demo/shapes.ts';
import type { Key } from '@ebuy/tools/demo/shopper.ts';
import type { Merchandiser, Support } from '@ebuy/tools/demo/staff.ts';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { checkout, orderOf, PATIENCE, untilOrder, untilStatus } from '../client/purchase.ts';
import { type Sold, sell, stockOf } from '../client/sell.ts';
import { asGuest, asMerchandiser, asSupport } from '../client/shop.ts';

const eur = (amountMinor: number) => ({ amountMinor, currency: 'EUR' });

describe('a guest', () => {
  const guest = asGuest();
  let merchandiser: Merchandiser;
  let support: Support;
  let lamp: Sold;
  let cart: Key;
  let placed: Order;
  let key: Key;

  beforeAll(async () => {
    merchandiser = await asMerchandiser();
    support = await asSupport();
    lamp = await sell(merchandiser, { onHand: 10, price: eur(1_999) });
  });

  test('sees the product page', async () => {
    const product = await guest.product(lamp.slug);
    expect(product).toMatchObject({ id: lamp.productId, title: lamp.title, availability: 'IN_STOCK' });
    expect(product?.variants).toMatchObject([{ id: lamp.variantId, price: eur(1_999), availableQuantity: 10 }]);
  });

  test('gets a cart, puts a product in and changes the quantity', async () => {
    const created = await guest.createCart({ currency: 'EUR' });
    expect(created).toMatchObject({ cart: { lines: [], subtotal: eur(0) }, userErrors: [] });
    expect(created.accessToken).toEqual(expect.stringMatching(/^[\w-]{43}$/));
    cart = { id: created.cart!.id, accessToken: created.accessToken };
    const opened = { cartId: cart.id, accessToken: cart.accessToken };

    const added = await guest.addCartLine({ ...opened, variantId: lamp.variantId, quantity: 2 });
    expect(added.userErrors).toEqual([]);
    expect(added.cart?.version).toBeGreaterThan(created.cart!.version);
    const [line] = added.cart?.lines ?? [];
    expect(line).toMatchObject({
      quantity: 2,
      unitPrice: eur(1_999),
      lineTotal: eur(3_998),
      variant: { id: lamp.variantId, sku: lamp.sku, product: { slug: lamp.slug } },
    });

    const updated = await guest.updateCartLine({ ...opened, lineId: line!.id, quantity: 3 });
    expect(updated).toMatchObject({ cart: { subtotal: eur(5_997), lines: [{ quantity: 3 }] }, userErrors: [] });
    expect(await guest.cart(cart)).toEqual(updated.cart);
  });

  test('is told what it costs, with tax and shipping', async () => {
    const input = { cartId: cart.id, accessToken: cart.accessToken, shippingAddress: ADDRESSES.DE };
    const quote = await guest.quote(input);
    expect(quote.userErrors).toEqual([]);
    expect(quote.subtotal).toEqual(eur(5_997));
    const { subtotal, shippingTotal, taxTotal, total, shippingOptions } = quote;
    expect(total).toEqual(eur(subtotal!.amountMinor + shippingTotal!.amountMinor + taxTotal!.amountMinor));
    expect(taxTotal!.amountMinor).toBeGreaterThan(0);
    expect(shippingOptions[0]?.price).toEqual(shippingTotal);

    const dearest = shippingOptions.at(-1)!;
    const chosen = await guest.quote({ ...input, shippingOptionCode: dearest.code });
    expect(chosen.shippingTotal).toEqual(dearest.price);
    expect(chosen.total!.amountMinor).toBeGreaterThan(total!.amountMinor);
  });

  test('places the order', async () => {
    const input = await checkout(guest, cart);
    const payload = await guest.placeOrder(input);
    expect(payload).toMatchObject({ userErrors: [], replayed: false });
    ({ order: placed, key } = orderOf(payload));
    expect(key.accessToken).toEqual(expect.stringMatching(/^[\w-]{43}$/));
    expect(placed).toMatchObject({
      status: 'AWAITING_STOCK',
      email: input.email,
      total: input.expectedTotal,
      payment: null,
      lines: [{ sku: lamp.sku, title: lamp.title, quantity: 3, unitPrice: eur(1_999), lineTotal: eur(5_997) }],
    });
    expect(placed.number).toMatch(/^EB-\d{6,}$/);
  });

  test('sees it confirmed, by itself', async () => {
    const confirmed = await untilStatus(guest, key, 'CONFIRMED');
    expect(confirmed.payment).toMatchObject({
      status: 'AUTHORIZED',
      authorizedAmount: placed.total,
      capturedAmount: eur(0),
      failure: null,
      nextAction: null,
    });
    expect(confirmed.history.map(({ status }) => status)).toEqual(['AWAITING_STOCK', 'AWAITING_PAYMENT', 'CONFIRMED']);
    expect(await stockOf(merchandiser, lamp)).toEqual({ onHand: 10, reserved: 3, available: 7 });
  });

  test('finds the cart empty afterwards', async () => {
    await eventually(async () => expect(await guest.cart(cart)).toMatchObject({ lines: [] }), PATIENCE);
  });

  test('gets it shipped: the payment is captured and the units are gone', async () => {
    const shipped = await support.shipOrder({ orderId: key.id, carrier: 'DHL', idempotencyKey: newId() });
    expect(shipped).toMatchObject({ order: { status: 'SHIPPED' }, userErrors: [] });
    const captured = await untilOrder(guest, key, 'be captured', ({ payment }) => payment?.status === 'CAPTURED');
    expect(captured.payment?.capturedAmount).toEqual(placed.total);
    await eventually(
      async () => expect(await stockOf(merchandiser, lamp)).toEqual({ onHand: 7, reserved: 0, available: 7 }),
      PATIENCE,
    );
  });

  test('gets it delivered', async () => {
    const delivered = await support.deliverOrder({ orderId: key.id, idempotencyKey: newId() });
    expect(delivered).toMatchObject({ order: { status: 'DELIVERED' }, userErrors: [] });
    expect((await guest.order(key))?.status).toBe('DELIVERED');
  });

  test('gets a part back, then the rest, and never more', async () => {
    const refund = (amountMinor?: number) =>
      support.refundOrder({
        orderId: key.id,
        reason: 'A lamp arrived broken.',
        idempotencyKey: newId(),
        ...(amountMinor === undefined ? {} : { amount: eur(amountMinor) }),
      });
    expect(await refund(1_000)).toMatchObject({ order: { status: 'DELIVERED' }, userErrors: [] });
    await untilOrder(guest, key, 'be refunded in part', ({ payment }) => payment?.refundedAmount.amountMinor === 1_000);
    expect((await refund(placed.total.amountMinor)).userErrors).toMatchObject([{ code: 'REFUND_TOO_LARGE' }]);
    expect((await refund()).userErrors).toEqual([]);
    const refunded = await untilOrder(guest, key, 'be refunded', ({ payment }) => payment?.status === 'REFUNDED');
    expect(refunded).toMatchObject({ status: 'DELIVERED', payment: { refundedAmount: placed.total } });
    expect((await refund()).userErrors).toMatchObject([{ code: 'NOTHING_LEFT_TO_REFUND' }]);
  });
});
