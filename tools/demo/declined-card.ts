// Somebody who signed in pays with a card that is declined, and recovers with another.
import { formatMoney, newId } from '@ebuy/kernel';
import { ADDRESSES } from './addresses.ts';
import { follow, tellHistory } from './follow.ts';
import { behind, chapter, prove, step } from './narrator.ts';
import type { Order } from './shapes.ts';
import { type Key, type Shopper, shopper as shopperOf } from './shopper.ts';
import type { Visitor } from './visitor.ts';
import { pickTwo } from './whole-visit.ts';

export async function declinedCard(signIn: () => Promise<Visitor>): Promise<void> {
  chapter('A shopper’s card is declined, and another one pays');
  const visitor = await step('signs in', signIn, () => [
    behind('Keycloak issued an access token; the router verifies it and tells the subgraphs who asks, signed'),
  ]);
  const shopper = shopperOf(visitor);
  const { order, key } = await buyWithoutFunds(shopper);
  const declined = await step(
    'watches the order',
    () => follow(shopper, key, 'the card is DECLINED', ({ history }) => history.at(-1)?.reason === 'PAYMENT_DECLINED'),
    (seen) => {
      prove(seen.status === 'AWAITING_PAYMENT', 'the order waits for another card', seen);
      prove(seen.payment?.status === 'DECLINED', 'the payment is DECLINED', seen.payment);
      prove(seen.payment.failure?.code === 'insufficient_funds', 'the decline says insufficient_funds', seen.payment);
      return [
        `declined (${seen.payment.failure.code}); the units stay reserved until the deadline`,
        ...tellHistory(seen),
      ];
    },
  );
  await step(
    'tries another card: pm_card_visa',
    async () => {
      const input = { orderId: key.id, paymentMethod: 'pm_card_visa', idempotencyKey: newId() };
      const retried = await shopper.retryPayment(input);
      prove(retried.userErrors.length === 0, 'another card may be tried', retried.userErrors);
      return follow(shopper, key, 'the order is CONFIRMED', ({ status }) => status === 'CONFIRMED');
    },
    (seen) => {
      prove(
        seen.payment?.authorizedAmount.amountMinor === order.total.amountMinor,
        'exactly the total is held',
        seen.payment,
      );
      return [
        `CONFIRMED: ${formatMoney(order.total)} are held on the other card`,
        ...tellHistory(seen, declined.history.length),
      ];
    },
  );
  await step(
    'looks at the account',
    () => shopper.account(),
    (account) => {
      const [latest] = account?.orders.nodes ?? [];
      prove(
        latest?.id === key.id && latest.status === 'CONFIRMED',
        'the account shows the order first',
        account?.orders.nodes,
      );
      return [
        `${account?.email}: ${latest.number} ${latest.status}`,
        behind('one query: users knows the person, orders the orders, payments their payments, cart the cart'),
      ];
    },
  );
}

async function buyWithoutFunds(shopper: Shopper): Promise<{ order: Order; key: Key }> {
  const [product] = pickTwo(await shopper.products(24));
  await emptyCart(shopper);
  const placed = await step(
    `orders ${product.title} with an empty card`,
    async () => {
      const { cart, userErrors } = await shopper.createCart({
        lines: [{ variantId: product.variants[0]?.id, quantity: 1 }],
      });
      prove(cart !== null, 'a shopper gets a cart', userErrors);
      const opened = { cartId: cart.id, shippingAddress: ADDRESSES.DE };
      const quote = await shopper.quote(opened);
      prove(quote.total !== null, 'there is a quote', quote.userErrors);
      return shopper.placeOrder({
        ...opened,
        email: 'shopper@example.com',
        shippingOptionCode: quote.shippingOptions[0]?.code,
        paymentMethod: 'pm_card_chargeDeclinedInsufficientFunds',
        expectedTotal: quote.total,
        idempotencyKey: newId(),
      });
    },
    ({ order, userErrors }) => {
      prove(order !== null && userErrors.length === 0, 'the order is placed', userErrors);
      return [`${order.number}, ${formatMoney(order.total)}, ${order.status}`];
    },
  );
  return { order: placed.order!, key: { id: placed.order!.id } };
}

/** A shopper has one cart, and it stays: what an earlier visit left in it may even be in another currency. */
async function emptyCart(shopper: Shopper): Promise<void> {
  const cart = (await shopper.account())?.cart;
  for (const { id } of cart?.lines ?? []) await shopper.removeCartLine({ cartId: cart?.id, lineId: id });
}
