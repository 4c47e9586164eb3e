// Services are asked to end while Kafka stands still: they end in time and in order, and what they had not sent is sent by whoever comes after them.
import { readFile, stat } from 'node:fs/promises';
import { eventually } from '@ebuy/testing';
import { beforeAll, expect, test } from '@jest/globals';
import { buy, untilStatus } from '../client/purchase.ts';
import { type Sold, sell } from '../client/sell.ts';
import { asGuest, asMerchandiser, testShop } from '../client/shop.ts';
import { freezeEngine, readinessOfAll, servicePids } from './engine.ts';

const PATIENCE = { timeoutMs: 90_000, everyMs: 100 };
/** One whose store is PostgreSQL and one whose store is MongoDB: their relays differ. */
const LEAVING = ['orders', 'cart'];

const guest = asGuest();
let lamp: Sold;

beforeAll(async () => {
  lamp = await sell(await asMerchandiser());
}, 120_000);

test('whoever ends while Kafka stands still ends in time, and nothing is lost', async () => {
  const before = servicePids();
  const logs = LEAVING.map(logOf);
  const lengths = await Promise.all(logs.map(async (file) => (await stat(file)).size));
  const key = await freezeEngine('kafka', async () => {
    const bought = await buy(guest, { variantId: lamp.variantId });
    for (const name of LEAVING) process.kill(before[name]!, 'SIGTERM');
    await eventually(() => {
      const now = servicePids();
      for (const name of LEAVING) if (now[name] === before[name]) throw new Error(`${name} has not ended`);
    }, PATIENCE);
    return bought.key;
  });
  for (const [index, file] of logs.entries()) {
    const said = (await readFile(file)).subarray(lengths[index]).toString();
    expect(said).toContain('"draining"');
    expect(said).not.toMatch(/could not drain in time|draining failed/);
  }
  await eventually(async () => {
    const readiness = await readinessOfAll();
    for (const name of LEAVING) expect(readiness[name]).toMatchObject({ ready: true, degraded: false });
  }, PATIENCE);
  await untilStatus(guest, key, 'CONFIRMED');
}, 240_000);

function logOf(service: string): string {
  const found = testShop().services.find(({ name }) => name === service);
  if (found === undefined) throw new Error(`This shop has no service ${service}`);
  return found.logFile;
}
