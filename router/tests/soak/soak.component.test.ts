import { expect, test } from '@jest/globals';
import { soak } from './soak.ts';

test('twenty thousand requests leave no more memory in use than a few thousand', async () => {
  const { growthMb, statuses } = await soak({ requests: 20_000, texts: 100, clients: 8, checkpoints: 10 });
  expect(Object.keys(statuses)).toEqual(['200', '400']);
  expect(statuses['400']).toBe(800);
  // A leak of 400 bytes a request is 6 MB here.
  expect(growthMb).toBeLessThan(6);
}, 600_000);
