// A guest's whole visit: from the shelves to a delivered parcel, and the money back.
import { formatMoney, newId } from '@ebuy/kernel';
import { ADDRESSES } from './addresses.ts';
import { follow, tellHistory } from './follow.ts';
import { behind, chapter, prove, step } from './narrator.ts';
import type { Cart, Money, Order, ShownProduct } from './shapes.ts';
import type { Key, Shopper } from './shopper.ts';
import type { Support } from './staff.ts';

export async function wholeVisit(guest: Shopper, support: Support): Promise<void> {
  chapter('A guest buys two things, gets them, and sends them back');
  const [first, second] = await browse(guest);
  const { cart, key: cartKey } = await fill(guest, first, second);
  const { order, key } = await checkOut(guest, cart, cartKey);
  await confirm(guest, key, cartKey);
  await fulfil(guest, support, key, order.total);
}

async function browse(shopper: Shopper): Promise<[ShownProduct, ShownProduct]> {
  const products = await step(
    'looks at the shelves',
    () => shopper.products(24),
    (shown) => [
      `${shown.length} products, such as ${shown
        .slice(0, 3)
        .map(({ title }) => title)
        .join(', ')}`,
      behind('the router planned one query to products, which answered from PostgreSQL'),
    ],
  );
  const [first, second] = pickTwo(products);
  await step(
    `opens the page of ${first.title}`,
    () => shopper.product(first.slug),
    (page) => {
      prove(page?.id === first.id, 'the page shows the product that was asked for', page);
      const [variant] = page.variants;
      return [
        `${page.variants.length} to choose from; ${variant?.sku} costs ${formatMoney(variant!.price)}, ${variant?.availableQuantity} left`,
      ];
    },
  );
  return [first, second];
}

/** Two products of one currency that are well in stock. */
export function pickTwo(products: readonly ShownProduct[]): [ShownProduct, ShownProduct] {
  const inStock = products.filter(({ variants }) => (variants[0]?.availableQuantity ?? 0) >= 5);
  const byCurrency = Map.groupBy(inStock, (product) => priceOf(product)?.currency);
  const [first, second] = [...byCurrency.values()].find(({ length }) => length >= 2) ?? [];
  prove(first !== undefined && second !== undefined, 'two products of one currency are in stock', products);
  return [first, second];
}

const priceOf = (product: ShownProduct | undefined): Money | undefined => product?.variants[0]?.price;

async function fill(guest: Shopper, first: ShownProduct, second: ShownProduct): Promise<{ cart: Cart; key: Key }> {
  const created = await step(
    `puts ${first.title} into a cart`,
    () => guest.createCart({ lines: [{ variantId: first.variants[0]?.id, quantity: 1 }] }),
    ({ cart, accessToken, userErrors }) => {
      prove(
        cart !== null && accessToken !== null && userErrors.length === 0,
        'a guest gets a cart and its token',
        userErrors,
      );
      return [
        `the cart comes to ${formatMoney(cart.subtotal!)}; a token opens it, its id alone does not`,
        behind('cart asked products for the price and kept one document in MongoDB'),
      ];
    },
  );
  const key = { id: created.cart!.id, accessToken: created.accessToken };
  const added = await step(
    `adds two of ${second.title}`,
    () =>
      guest.addCartLine({
        cartId: key.id,
        accessToken: key.accessToken,
        variantId: second.variants[0]?.id,
        quantity: 2,
      }),
    ({ cart, userErrors }) => {
      prove(cart?.lines.length === 2 && userErrors.length === 0, 'the cart has two lines', { cart, userErrors });
      const expected = priceOf(first)!.amountMinor + 2 * priceOf(second)!.amountMinor;
      prove(cart.subtotal?.amountMinor === expected, `the cart comes to ${expected} minor units`, cart);
      return [`the cart comes to ${formatMoney(cart.subtotal)}`];
    },
  );
  return { cart: added.cart!, key };
}

async function checkOut(guest: Shopper, cart: Cart, cartKey: Key): Promise<{ order: Order; key: Key }> {
  const opened = { cartId: cartKey.id, accessToken: cartKey.accessToken, shippingAddress: ADDRESSES.DE };
  const quote = await step(
    'asks what it costs in Freiburg',
    () => guest.quote(opened),
    ({ subtotal, shippingTotal, taxTotal, total, userErrors }) => {
      prove(total !== null && userErrors.length === 0, 'there is a quote', userErrors);
      const sum = subtotal!.amountMinor + shippingTotal!.amountMinor + taxTotal!.amountMinor;
      prove(sum === total.amountMinor, 'subtotal, shipping and tax are the total', {
        subtotal,
        shippingTotal,
        taxTotal,
        total,
      });
      return [
        `${formatMoney(cart.subtotal!)}, shipping ${formatMoney(shippingTotal!)}, tax ${formatMoney(taxTotal!)}: ${formatMoney(total)}`,
        behind('orders took the lines from cart and the prices from products, and added its rates'),
      ];
    },
  );
  const input = {
    ...opened,
    email: 'guest@example.com',
    shippingOptionCode: quote.shippingOptions[0]?.code,
    paymentMethod: 'pm_card_visa',
    expectedTotal: quote.total,
    idempotencyKey: newId(),
  };
  const placed = await step(
    'places the order, and pays with pm_card_visa',
    () => guest.placeOrder(input),
    ({ order, userErrors }) => {
      prove(order !== null && userErrors.length === 0, 'the order is placed', userErrors);
      return [`${order.number}, ${formatMoney(order.total)}, ${order.status}`];
    },
  );
  const key = { id: placed.order!.id, accessToken: placed.accessToken };
  await step(
    'presses the button a second time: the same idempotency key',
    () => guest.placeOrder(input),
    ({ order, replayed, accessToken }) => {
      prove(order?.id === key.id && replayed && accessToken === key.accessToken, 'the first answer is given again', {
        order,
        replayed,
      });
      return [`${order.number} again: there is one order, and there will be one charge`];
    },
  );
  return { order: placed.order!, key };
}

async function confirm(guest: Shopper, key: Key, cartKey: Key): Promise<void> {
  await step(
    'watches the order',
    () => follow(guest, key, 'the order is CONFIRMED', ({ status }) => status === 'CONFIRMED'),
    (order) => {
      const { payment } = order;
      prove(payment?.status === 'AUTHORIZED', 'the payment is AUTHORIZED', payment);
      prove(payment.authorizedAmount.amountMinor === order.total.amountMinor, 'exactly the total is held', payment);
      return [`CONFIRMED: ${formatMoney(payment.authorizedAmount)} are held on the card`, ...tellHistory(order)];
    },
  );
  await step(
    'finds the cart empty',
    async () => {
      for (let tries = 0; ; tries += 1) {
        const cart = await guest.cart(cartKey);
        if (cart?.lines.length === 0) return cart;
        prove(tries < 200, 'the cart empties once its order is confirmed', cart);
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
    },
    () => [behind('cart heard of order.confirmed and took the ordered lines out')],
  );
}

async function fulfil(guest: Shopper, support: Support, key: Key, total: Money): Promise<void> {
  await step(
    'staff ship it',
    async () => {
      const shipped = await support.shipOrder({ orderId: key.id, carrier: 'DHL', idempotencyKey: newId() });
      prove(shipped.order?.status === 'SHIPPED', 'the order is SHIPPED', shipped);
      return follow(guest, key, 'the payment is CAPTURED', ({ payment }) => payment?.status === 'CAPTURED');
    },
    ({ payment }) => {
      prove(payment?.capturedAmount.amountMinor === total.amountMinor, 'exactly the total is taken', payment);
      return [
        `SHIPPED, and ${formatMoney(payment.capturedAmount)} are taken`,
        behind('orders said order.shipped: payments captured, products took the units out of stock'),
      ];
    },
  );
  await step(
    'staff see it delivered',
    () => support.deliverOrder({ orderId: key.id, idempotencyKey: newId() }),
    (delivered) => {
      prove(delivered.order?.status === 'DELIVERED', 'the order is DELIVERED', delivered);
      return ['DELIVERED'];
    },
  );
  await step(
    'sends it back, and staff refund it',
    async () => {
      const reason = 'It was not the right colour.';
      const refund = await support.refundOrder({ orderId: key.id, reason, idempotencyKey: newId() });
      prove(refund.userErrors.length === 0, 'the refund is accepted', refund);
      return follow(guest, key, 'the payment is REFUNDED', ({ payment }) => payment?.status === 'REFUNDED');
    },
    ({ payment, status }) => {
      prove(
        payment?.refundedAmount.amountMinor === total.amountMinor && status === 'DELIVERED',
        'the total is given back, and the order stays DELIVERED',
        payment,
      );
      return [
        `${formatMoney(payment.refundedAmount)} are given back`,
        behind('payments asked the provider and booked it: the ledger sums to zero at every commit'),
      ];
    },
  );
}
