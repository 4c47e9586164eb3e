import { afterEach, expect, test } from '@jest/globals';
import { type Admin, createMetrics, startAdmin } from '../src/index.ts';

let admin: Admin;
afterEach(() => admin.close());

const there = async () => undefined;
const away = () => Promise.reject(new Error('away'));
const hangs = () => new Promise(() => undefined);

const ready = async (checks: object, degradedWithout: object) => {
  const metrics = createMetrics('things');
  admin = await startAdmin({
    host: '127.0.0.1',
    port: 0,
    checks: { ...checks },
    degradedWithout: { ...degradedWithout },
    metrics,
  });
  const response = await fetch(`http://127.0.0.1:${admin.port}/readyz`);
  return [response.status, (await response.json()) as unknown];
};

test('ready while all is there', async () => {
  expect(await ready({ postgresql: there }, { redis: there })).toEqual([
    200,
    { ready: true, degraded: false, checks: { postgresql: true, redis: true } },
  ]);
});

test.each([away, hangs])('degraded, and still ready, without what it can do without', async (check) => {
  expect(await ready({ postgresql: there }, { redis: check })).toEqual([
    200,
    { ready: true, degraded: true, checks: { postgresql: true, redis: false } },
  ]);
});

test('not ready without what it needs, nor while it drains', async () => {
  expect(await ready({ postgresql: away }, { redis: there })).toEqual([
    503,
    { ready: false, degraded: false, checks: { postgresql: false, redis: true } },
  ]);
  admin.drain();
  expect((await fetch(`http://127.0.0.1:${admin.port}/readyz`)).status).toBe(503);
});
