import { expect, test } from '@jest/globals';
import { accessTokenFor, opensWith } from '../src/index.ts';

test('opens the aggregate it was made for, and no other of the same or another kind', () => {
  const token = accessTokenFor('secret', 'cart', 'id-1');
  expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect(opensWith('secret', 'cart', 'id-1', token)).toBe(true);
  expect(opensWith('secret', 'cart', 'id-2', token)).toBe(false);
  expect(opensWith('secret', 'order', 'id-1', token)).toBe(false);
  expect(opensWith('other', 'cart', 'id-1', token)).toBe(false);
  for (const hostile of [null, undefined, '', token.slice(1), `${token}x`, 'é'.repeat(43)]) {
    expect(opensWith('secret', 'cart', 'id-1', hostile)).toBe(false);
  }
});
