// From an empty cart to an acknowledged order, whatever dies on the way.
import { newId } from '@ebuy/kernel';
import { ADDRESSES } from '@ebuy/tools/demo/addresses.ts';
import type { Key, PlacedOrder, Shopper } from '@ebuy/tools/demo/shopper.ts';
import type { OrderInput } from '../client/purchase.ts';
import { insist } from './insist.ts';
import type { Entry } from './journal.ts';
import type { Scene } from './scene.ts';
import type { OrderPlan } from './schedule.ts';

/** What a shopper tries again with a new quote: the price has changed, or an order before this one has emptied their cart. */
const QUOTE_AGAIN = ['TOTAL_CHANGED', 'CART_EMPTY'];
const ATTEMPTS = 5;

/** Places the order and notes it. Null: it was refused for good, and the journal says why. */
export async function purchase(scene: Scene, plan: OrderPlan): Promise<Entry | null> {
  const shopper = scene.shoppers[plan.shopper];
  const { journal } = scene;
  let refused = 'TOTAL_CHANGED';
  for (let attempt = 0; attempt < ATTEMPTS && QUOTE_AGAIN.includes(refused); attempt += 1) {
    const cart = await fillCart(scene, shopper, plan);
    const input = 'refused' in cart ? cart : await checkout(scene, shopper, cart.key, plan.paymentMethod);
    if ('refused' in input) {
      refused = input.refused;
      continue;
    }
    const answers = await Promise.all(
      Array.from({ length: plan.clicksTwice ? 2 : 1 }, () =>
        insist('placeOrder', () => shopper.placeOrder(input), scene.insistence),
      ),
    );
    const entry = acknowledged(scene, plan, input, answers);
    if (entry !== null) return entry;
    refused = answers[0]?.userErrors[0]?.code ?? 'nothing';
  }
  journal.refusals.push(refused);
  return null;
}

function acknowledged(scene: Scene, plan: OrderPlan, input: OrderInput, answers: readonly PlacedOrder[]): Entry | null {
  const { journal } = scene;
  const [first, ...others] = answers.filter(({ order }) => order !== null);
  if (!first?.order) return null;
  const { order: placed, accessToken } = first;
  for (const { order } of others) {
    if (order?.id !== placed.id) journal.note([`I6 one key made the orders ${placed.id} and ${order?.id}`]);
  }
  if (placed.total.amountMinor !== input.expectedTotal.amountMinor) {
    journal.note([`I13 order ${placed.id} costs ${placed.total.amountMinor}, not ${input.expectedTotal.amountMinor}`]);
  }
  const key = { id: placed.id, ...(accessToken === null ? {} : { accessToken }) };
  const entry: Entry = {
    shopper: scene.shoppers[plan.shopper],
    input,
    key,
    placed,
    seen: placed,
    promised: {},
  };
  journal.entries.push(entry);
  return entry;
}

type Refused = { readonly refused: string };

async function fillCart(scene: Scene, shopper: Shopper, plan: OrderPlan): Promise<{ readonly key: Key } | Refused> {
  const { insistence, wares } = scene;
  if (plan.shopper !== 'guest') await emptyCart(scene, shopper);
  const lines = [{ variantId: wares[plan.ware].variantId, quantity: plan.quantity }];
  const { cart, accessToken, userErrors } = await insist('createCart', () => shopper.createCart({ lines }), insistence);
  if (cart === null) return { refused: userErrors[0]?.code ?? 'nothing' };
  return { key: { id: cart.id, ...(accessToken === null ? {} : { accessToken }) } };
}

/** A signed-in shopper has one cart; what was in it stays until somebody takes it out. */
async function emptyCart({ insistence }: Scene, shopper: Shopper): Promise<void> {
  const { cart } = await insist('createCart', () => shopper.createCart({}), insistence);
  for (const { id: lineId } of cart?.lines ?? []) {
    const input = { cartId: cart?.id, lineId };
    await insist('removeCartLine', () => shopper.removeCartLine(input), insistence);
  }
}

async function checkout(
  { journal, insistence }: Scene,
  shopper: Shopper,
  cart: Key,
  paymentMethod: string,
): Promise<OrderInput | Refused> {
  const shippingAddress = ADDRESSES.DE;
  const opened = { cartId: cart.id, ...(cart.accessToken ? { accessToken: cart.accessToken } : {}) };
  const asked = () => shopper.quote({ ...opened, shippingAddress });
  const { total, shippingOptions, userErrors } = await insist('checkoutQuote', asked, insistence);
  const [cheapest] = shippingOptions;
  const [refusal] = userErrors;
  if (refusal?.code === 'CART_NOT_FOUND') journal.note([`I11 the cart ${cart.id} was made and cannot be found`]);
  if (!total || !cheapest) return { refused: refusal?.code ?? 'nothing' };
  return {
    ...opened,
    email: 'chaos@example.com',
    shippingAddress,
    shippingOptionCode: cheapest.code,
    paymentMethod,
    expectedTotal: total,
    idempotencyKey: newId(),
  };
}
