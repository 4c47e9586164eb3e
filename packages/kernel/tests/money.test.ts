import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  addMoney,
  currencyExponent,
  Fault,
  formatMoney,
  money,
  multiplyMoney,
  shareOfMoney,
  sumMoney,
} from '../src/index.ts';

const amounts = fc.integer({ min: -(2 ** 40), max: 2 ** 40 });

describe('money', () => {
  test('knows the decimals of ISO 4217, where CLDR differs, too', () => {
    expect(['USD', 'JPY', 'KWD', 'IQD', 'LBP', 'ISK'].map(currencyExponent)).toEqual([2, 0, 3, 3, 2, 0]);
    expect(currencyExponent('usd')).toBeUndefined();
    expect(currencyExponent('XXX')).toBeUndefined();
    expect(currencyExponent('__proto__')).toBeUndefined();
  });

  test('holds safe integers only', () => {
    expect(money(Number.MAX_SAFE_INTEGER, 'JPY').amountMinor).toBe(2 ** 53 - 1);
    for (const bad of [2 ** 53, 0.5, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => money(bad, 'JPY')).toThrow(Fault);
    expect(() => addMoney(money(Number.MAX_SAFE_INTEGER, 'JPY'), money(1, 'JPY'))).toThrow(Fault);
    expect(() => multiplyMoney(money(2 ** 50, 'KWD'), 999)).toThrow(Fault);
  });

  test('never adds two currencies', () => {
    expect(() => addMoney(money(1, 'EUR'), money(1, 'USD'))).toThrow(/Cannot add USD to EUR/);
  });

  test('sums in any order to the same', () => {
    fc.assert(
      fc.property(fc.array(amounts, { maxLength: 100 }), (list) => {
        const forwards = sumMoney(
          list.map((amount) => money(amount, 'EUR')),
          'EUR',
        );
        const backwards = sumMoney(
          list.toReversed().map((amount) => money(amount, 'EUR')),
          'EUR',
        );
        expect(forwards).toEqual(backwards);
        expect(forwards.amountMinor).toBe(list.reduce((sum, amount) => sum + amount, 0));
      }),
    );
  });

  test.each([
    [250, 1_000, 25],
    [25, 1_000, 2],
    [35, 1_000, 4],
    [-25, 1_000, -2],
    [-35, 1_000, -4],
    [1, 10_000, 1],
    [Number.MAX_SAFE_INTEGER, 10_000, Number.MAX_SAFE_INTEGER],
  ])('%d × %d basis points is %d: half to even', (amount, basisPoints, expected) => {
    expect(shareOfMoney(money(amount, 'EUR'), basisPoints).amountMinor).toBe(expected);
  });

  test('a share is within half a unit of the exact one', () => {
    fc.assert(
      fc.property(amounts, fc.integer({ min: 0, max: 10_000 }), (amount, basisPoints) => {
        const share = shareOfMoney(money(amount, 'EUR'), basisPoints).amountMinor;
        const twiceError = 2n * (BigInt(share) * 10_000n - BigInt(amount) * BigInt(basisPoints));
        expect(twiceError <= 10_000n && twiceError >= -10_000n).toBe(true);
      }),
    );
  });

  test('is written with its own decimals', () => {
    expect(formatMoney(money(1250, 'USD'))).toBe('USD 12.50');
    expect(formatMoney(money(5, 'KWD'))).toBe('KWD 0.005');
    expect(formatMoney(money(-7, 'USD'))).toBe('USD -0.07');
    expect(formatMoney(money(1200, 'JPY'))).toBe('JPY 1200');
  });
});
