// Each process of the shop stands still for a moment, as one on a machine that hangs: what shoppers see meanwhile, and that all of it goes on afterwards.
import { eventually } from '@ebuy/testing';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { freeze } from '../client/crash.ts';
import { buy, untilStatus } from '../client/purchase.ts';
import { type Sold, sell } from '../client/sell.ts';
import { asGuest, asMerchandiser, asShopper } from '../client/shop.ts';
import { expectAnswers, SERVICE_CASES } from './cases.ts';
import { readinessOfAll } from './engine.ts';
import { prepareProbes } from './probes.ts';

const PATIENCE = { timeoutMs: 90_000, everyMs: 100 };

const guest = asGuest();
let lamp: Sold;

beforeAll(async () => {
  lamp = await sell(await asMerchandiser(), { title: 'Standstill lamp' });
}, 120_000);

describe.each(SERVICE_CASES)('$service stands still', ({ service, fails }) => {
  test('the others answer, and an order is confirmed once it goes on', async () => {
    const ask = await prepareProbes(guest, lamp);
    // Who is only slow, on a busy machine, answers when asked again.
    await freeze(service, () => eventually(async () => expectAnswers(await ask(), { fails }), PATIENCE));
    const { key } = await eventually(() => buy(guest, { variantId: lamp.variantId }), PATIENCE);
    await untilStatus(guest, key, 'CONFIRMED');
    await eventually(async () => {
      expect(Object.values(await readinessOfAll()).filter(({ ready }) => !ready)).toEqual([]);
    }, PATIENCE);
  }, 240_000);
});

test('users stands still: whoever is signed in sees what they bought, and no name for a while', async () => {
  const shopper = await asShopper('shopper2@example.com');
  const { order } = await buy(shopper, { variantId: lamp.variantId });
  const { result, errors } = await freeze('users', () =>
    shopper.visitor.ask<{ me: object }>('{ me { email orders(first: 1) { nodes { id } } } }'),
  );
  expect(result?.me).toEqual({ email: null, orders: { nodes: [{ id: order.id }] } });
  expect(errors.map(({ extensions }) => extensions?.code)).toEqual(['SERVICE_TIMEOUT']);
}, 120_000);
