import { formatMoney } from '@ebuy/kernel';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { priceIn } from '../src/import/price.ts';

describe('a price of a file', () => {
  test.each([
    ['48.00', 'USD', 4_800],
    ['48', 'USD', 4_800],
    ['48.', 'USD', 4_800],
    ['48.5', 'USD', 4_850],
    ['0', 'USD', 0],
    ['007.10', 'USD', 710],
    ['48.000', 'USD', 4_800],
    ['1,299.00', 'USD', 129_900],
    ['1,234,567.8', 'USD', 123_456_780],
    ['1299', 'JPY', 1_299],
    ['1299.00', 'JPY', 1_299],
    ['1,299.00', 'JPY', 1_299],
    ['1.299', 'KWD', 1_299],
    ['12.5', 'KWD', 12_500],
    ['0.001', 'KWD', 1],
    ['90071992547409.91', 'USD', Number.MAX_SAFE_INTEGER],
  ])('%s in %s is %d', (text, currency, amountMinor) => {
    expect(priceIn(text, currency)).toEqual({ amountMinor, currency });
  });

  test.each([
    ['1,299', 'USD', /thousands or decimals/],
    ['1,299', 'JPY', /thousands or decimals/],
    ['12,5', 'USD', /after a dot/],
    ['12,50', 'USD', /after a dot/],
    ['1.299,00', 'EUR', /after a dot/],
    ['12.345', 'USD', /has 2/],
    ['12.50', 'JPY', /has none/],
    ['1.2345', 'KWD', /has 3/],
    ['-1', 'USD', /zero or more/],
    ['$48.00', 'USD', /without a currency/],
    ['48.00 USD', 'USD', /without a currency/],
    ['4 800.00', 'USD', /without a currency/],
    ['1,29,900.00', 'USD', /no price/],
    ['.50', 'USD', /no price/],
    ['1e3', 'USD', /no price/],
    ['٤٨', 'USD', /no price/],
    ['free', 'USD', /no price/],
    ['=1+1', 'USD', /no price/],
    ['90071992547409.92', 'USD', /too much/],
    ['9'.repeat(400), 'USD', /too much/],
  ])('%s in %s is refused', (text, currency, reason) => {
    const refused = priceIn(text, currency);
    expect(refused).toMatch(reason);
    expect(String(refused).length).toBeLessThan(200);
  });

  test('is read exactly, whatever it is', () => {
    const amount = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
    fc.assert(
      fc.property(amount, fc.constantFrom('USD', 'JPY', 'KWD'), (amountMinor, currency) => {
        const text = formatMoney({ amountMinor, currency }).slice(4);
        expect(priceIn(text, currency)).toEqual({ amountMinor, currency });
      }),
    );
  });

  test('a long row of digits and commas is judged at once', () => {
    const started = performance.now();
    priceIn(`${'1,111'.repeat(100_000)}x`, 'USD');
    expect(performance.now() - started).toBeLessThan(200);
  });
});
