// A card whose bank wants a second step: the shopper takes it on the provider's page, and the provider's webhook says so.

import type { Order } from '@ebuy/tools/demo/shapes.ts';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { chargesOf, heldOnce } from '../client/provider.ts';
import { type Bought, buy, untilDeclined, untilOrder, untilStatus } from '../client/purchase.ts';
import { openSecondStep } from '../client/second-step.ts';
import { type Sold, sell } from '../client/sell.ts';
import { asGuest, asMerchandiser, testShop } from '../client/shop.ts';

const guest = asGuest();
let lamp: Sold;

beforeAll(async () => {
  lamp = await sell(await asMerchandiser());
});

async function buyWithSecondStep(): Promise<{ bought: Bought; asked: Order; url: string }> {
  const bought = await buy(guest, { variantId: lamp.variantId }, { paymentMethod: 'pm_card_authenticationRequired' });
  const asked = await untilOrder(
    guest,
    bought.key,
    'ask for a second step',
    ({ history }) => history.at(-1)?.reason === 'PAYMENT_ACTION_REQUIRED',
  );
  return { bought, asked, url: asked.payment!.nextAction!.url };
}

describe('a second step', () => {
  test('is asked for at a page of the provider’s, and nothing is held before it is taken', async () => {
    const { asked, url } = await buyWithSecondStep();
    expect(asked).toMatchObject({
      status: 'AWAITING_PAYMENT',
      payment: { status: 'REQUIRES_ACTION', failure: null, authorizedAmount: { amountMinor: 0 } },
    });
    expect(url.startsWith(testShop().urls.sandbox)).toBe(true);
  });

  test('approved: the order is confirmed', async () => {
    const { bought, url } = await buyWithSecondStep();
    const page = await openSecondStep(url);
    await page.approve();
    const order = await untilStatus(guest, bought.key, 'CONFIRMED');
    expect(order.payment).toMatchObject({ status: 'AUTHORIZED', nextAction: null, authorizedAmount: order.total });
    expect(await chargesOf(bought.key.id)).toEqual(heldOnce(order.total));
  });

  test('approved twice: still one authorization', async () => {
    const { bought, url } = await buyWithSecondStep();
    const page = await openSecondStep(url);
    await Promise.allSettled([page.approve(), page.approve()]);
    const { total } = await untilStatus(guest, bought.key, 'CONFIRMED');
    expect(await chargesOf(bought.key.id)).toEqual(heldOnce(total));
  });

  test('refused: the card counts as declined, and the order waits for another', async () => {
    const { bought, url } = await buyWithSecondStep();
    const page = await openSecondStep(url);
    await page.refuse();
    const order = await untilDeclined(guest, bought.key);
    expect(order).toMatchObject({ status: 'AWAITING_PAYMENT', payment: { status: 'DECLINED', nextAction: null } });
    expect(order.payment?.failure?.code).toBe('authentication_failed');
    expect(await chargesOf(bought.key.id)).toMatchObject({ authorizations: 1, heldMinor: 0, capturedMinor: 0 });
  });
});
