import { ANONYMOUS, accessTokenFor } from '@ebuy/runtime';
import { shopper } from '@ebuy/testing';
import { describe, expect, test } from '@jest/globals';
import { mayOpen } from '../src/domain/access.ts';
import { priceOf, totalOf } from '../src/domain/prices.ts';
import { cartWith, line, offer, VARIANTS } from './fixtures.ts';

const [A] = VARIANTS as [string];

describe('prices', () => {
  test('the offer’s where there is one in the line’s currency, else the last known', () => {
    const known = line(A, 2, 900);
    expect(priceOf(known, offer(A))).toEqual({ unitPrice: { amountMinor: 1_000, currency: 'EUR' }, isCurrent: true });
    expect(priceOf(known, undefined)).toEqual({ unitPrice: known.unitPrice, isCurrent: false });
    expect(priceOf(known, offer(A, { currency: 'KWD' }))).toEqual({ unitPrice: known.unitPrice, isCurrent: false });
  });

  test('totals are exact to the last unit, and null beyond', () => {
    const most = Number.MAX_SAFE_INTEGER;
    expect(totalOf([line(A, 1, most)], 'JPY')).toEqual({ amountMinor: most, currency: 'JPY' });
    expect(totalOf([line(A, 1, most), line(A, 1, 1)], 'JPY')).toBeNull();
    // 9,007,199,254,740,990: a product of floats would be one off.
    expect(totalOf([line(A, 999, 9_016_215_470_211)], 'KWD')?.amountMinor).toBe(9_016_215_470_211 * 999);
    expect(totalOf([], 'KWD')).toEqual({ amountMinor: 0, currency: 'KWD' });
  });
});

describe('who may open a cart', () => {
  const secret = 's'.repeat(32);
  const guest = cartWith();
  const token = accessTokenFor(secret, 'cart', guest.id);
  const own = { ...cartWith(), userId: 'ann' };

  test('a guest’s by its token alone, a shopper’s by being them', () => {
    expect(mayOpen(guest, ANONYMOUS, token, secret)).toBe(true);
    expect(mayOpen(guest, shopper('ann'), token, secret)).toBe(true);
    expect(mayOpen(own, shopper('ann'), null, secret)).toBe(true);
  });

  test.each([null, '', 'x', token.slice(1), `${token}=`, accessTokenFor(secret, 'order', guest.id)])(
    'not with %p',
    (wrong) => {
      expect(mayOpen(guest, ANONYMOUS, wrong, secret)).toBe(false);
      expect(mayOpen(guest, shopper('ann'), wrong, secret)).toBe(false);
    },
  );

  test('not another’s, not with a token for it, not once it is closed', () => {
    const forged = accessTokenFor(secret, 'cart', own.id);
    expect(mayOpen(own, shopper('bob'), forged, secret)).toBe(false);
    expect(mayOpen(own, ANONYMOUS, forged, secret)).toBe(false);
    expect(mayOpen(own, { ...shopper('ann'), kind: 'client' }, forged, secret)).toBe(false);
    expect(mayOpen({ ...guest, status: 'CLOSED' }, ANONYMOUS, token, secret)).toBe(false);
  });
});
