import { currencyExponent, newId, Refusal } from '@ebuy/kernel';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MAX_LINES, type PricedLine, type Quote, quoteOf } from '../src/domain/quote.ts';
import { SHIPPED_COUNTRIES, shippingOptions, taxBasisPoints } from '../src/domain/rates.ts';

const CURRENCIES = ['USD', 'EUR', 'GBP', 'JPY', 'KWD'];
const MAX = Number.MAX_SAFE_INTEGER;

const line = (amountMinor: number, quantity = 1, currency = 'EUR'): PricedLine => ({
  variantId: newId(),
  productId: newId(),
  sku: 'SKU',
  title: 'A thing',
  quantity,
  unitPrice: { amountMinor, currency },
});

const country = fc.constantFrom(...SHIPPED_COUNTRIES);
const currency = fc.constantFrom(...CURRENCIES);
const amounts = fc.array(
  fc.record({ amountMinor: fc.integer({ min: 0, max: 1_000_000_000 }), quantity: fc.integer({ min: 1, max: 999 }) }),
  { minLength: 1, maxLength: MAX_LINES },
);
const amount = ({ amountMinor }: { amountMinor: number }) => amountMinor;

function refusalOf(run: () => Quote): string {
  try {
    run();
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
  return 'not refused';
}

/** Half to even by comparing remainders, written another way than the code's. */
function halfEven(amountMinor: number, basisPoints: number): number {
  const exact = BigInt(amountMinor) * BigInt(basisPoints);
  const [whole, rest] = [exact / 10_000n, exact % 10_000n];
  if (rest > 5_000n || (rest === 5_000n && whole % 2n === 1n)) return Number(whole + 1n);
  return Number(whole);
}

describe('a quote', () => {
  test('adds up, is never negative, and stays in its currency', () => {
    fc.assert(
      fc.property(amounts, country, currency, (parts, to, code) => {
        const lines = parts.map(({ amountMinor, quantity }) => line(amountMinor, quantity, code));
        const quote = quoteOf(lines, to, null);
        const every = [
          quote.subtotal,
          quote.shippingTotal,
          quote.taxTotal,
          quote.total,
          ...quote.lines.map((l) => l.tax),
        ];
        expect(every.every((money) => money.currency === code && Number.isSafeInteger(money.amountMinor))).toBe(true);
        expect(every.every((money) => money.amountMinor >= 0)).toBe(true);
        const sum = parts.reduce((total, part) => total + part.amountMinor * part.quantity, 0);
        expect(amount(quote.subtotal)).toBe(sum);
        expect(amount(quote.total)).toBe(amount(quote.subtotal) + amount(quote.shippingTotal) + amount(quote.taxTotal));
      }),
    );
  });

  test('rounds tax half to even, each line and the shipping by itself', () => {
    fc.assert(
      fc.property(amounts, country, currency, (parts, to, code) => {
        const rate = taxBasisPoints(to) ?? Number.NaN;
        const quote = quoteOf(
          parts.map(({ amountMinor, quantity }) => line(amountMinor, quantity, code)),
          to,
          'EXPRESS',
        );
        const taxes = parts.map((part) => halfEven(part.amountMinor * part.quantity, rate));
        expect(quote.lines.map((each) => each.tax.amountMinor)).toEqual(taxes);
        const ofShipping = halfEven(amount(quote.shippingTotal), rate);
        expect(amount(quote.taxTotal)).toBe(taxes.reduce((a, b) => a + b, ofShipping));
      }),
    );
  });

  test('does not depend on the order of its lines', () => {
    fc.assert(
      fc.property(amounts, country, (parts, to) => {
        const lines = parts.map(({ amountMinor, quantity }) => line(amountMinor, quantity));
        expect(quoteOf([...lines].reverse(), to, null).total).toEqual(quoteOf(lines, to, null).total);
      }),
    );
  });

  test('half a cent goes to the even neighbour', () => {
    // 10 % of 5 is 0.5 and becomes 0; 10 % of 15 is 1.5 and becomes 2; 10 % of 25 is 2.5 and becomes 2.
    const taxes = [5, 15, 25].map((price) => quoteOf([line(price, 1, 'JPY')], 'JP', null).lines[0]?.tax.amountMinor);
    expect(taxes).toEqual([0, 2, 2]);
  });

  test('yen have no decimals and dinars three', () => {
    const yen = quoteOf([line(1_201, 3, 'JPY')], 'JP', 'STANDARD');
    expect([amount(yen.subtotal), amount(yen.shippingTotal), amount(yen.taxTotal), amount(yen.total)]).toEqual([
      3_603, 800, 440, 4_843,
    ]);
    const dinars = quoteOf([line(12_345, 2, 'KWD')], 'AE', 'EXPRESS');
    expect([amount(dinars.subtotal), amount(dinars.taxTotal), amount(dinars.total)]).toEqual([24_690, 1_409, 29_599]);
  });

  test('counts with the cheapest option until one is chosen', () => {
    const quote = quoteOf([line(1_000)], 'DE', null);
    expect(quote.chosen.code).toBe('STANDARD');
    expect(quote.shippingOptions.map((option) => option.code)).toEqual(['STANDARD', 'EXPRESS']);
    expect(amount(quoteOf([line(1_000)], 'DE', 'EXPRESS').shippingTotal)).toBe(1_490);
  });

  test('is exact up to 2^53 - 1, and refused beyond', () => {
    const free = amount(quoteOf([line(0, 1, 'USD')], 'US', null).total);
    expect(amount(quoteOf([line(MAX - free, 1, 'USD')], 'US', null).total)).toBe(MAX);
    expect(refusalOf(() => quoteOf([line(MAX - free + 1, 1, 'USD')], 'US', null))).toBe('AMOUNT_TOO_LARGE');
    expect(refusalOf(() => quoteOf([line(MAX, 999)], 'DE', null))).toBe('AMOUNT_TOO_LARGE');
    expect(refusalOf(() => quoteOf([line(MAX)], 'DE', null))).toBe('AMOUNT_TOO_LARGE');
    const [lines, most] = [100, 9_007_199_254_740];
    expect(
      refusalOf(() =>
        quoteOf(
          Array.from({ length: lines }, () => line(most, 999)),
          'DE',
          null,
        ),
      ),
    ).toBe('AMOUNT_TOO_LARGE');
  });

  test('is refused with a reason', () => {
    const refused = (lines: PricedLine[], to = 'DE', option: string | null = null) =>
      refusalOf(() => quoteOf(lines, to, option));
    expect(refused([])).toBe('CART_EMPTY');
    expect(refused(Array.from({ length: MAX_LINES }, () => line(1)))).toBe('not refused');
    expect(refused(Array.from({ length: MAX_LINES + 1 }, () => line(1)))).toBe('TOO_MANY_LINES');
    expect([0, -1, 1.5, 1_000, Number.NaN].map((quantity) => refused([line(1, quantity)]))).toEqual(
      Array.from({ length: 5 }, () => 'INVALID_QUANTITY'),
    );
    expect(refused([line(1), line(1, 1, 'USD')])).toBe('MIXED_CURRENCIES');
    expect(refused([line(1, 1, 'ISK')])).toBe('CURRENCY_NOT_SHIPPED');
    expect(refused([line(1)], 'AQ')).toBe('COUNTRY_NOT_SHIPPED');
    expect(refused([line(1)], 'toString')).toBe('COUNTRY_NOT_SHIPPED');
    expect(refused([line(1)], 'DE', 'DRONE')).toBe('UNKNOWN_SHIPPING_OPTION');
    expect(refused([line(1)], 'DE', '__proto__')).toBe('UNKNOWN_SHIPPING_OPTION');
  });
});

describe('the rates', () => {
  test.each(SHIPPED_COUNTRIES)('%s: a tax and two ways to ship in every currency', (to) => {
    const tax = taxBasisPoints(to) ?? -1;
    expect(tax).toBeGreaterThanOrEqual(0);
    expect(tax).toBeLessThanOrEqual(10_000);
    for (const code of CURRENCIES) {
      const options = shippingOptions(to, code);
      expect(options.map((option) => option.code)).toEqual(['STANDARD', 'EXPRESS']);
      expect(options.every(({ price }) => Number.isSafeInteger(price.amountMinor) && price.amountMinor > 0)).toBe(true);
      expect(currencyExponent(code)).toBeDefined();
    }
  });

  test('every member of the European Union has a rate', () => {
    const members = 'AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK'.split(' ');
    expect(members).toHaveLength(27);
    expect(members.filter((member) => (taxBasisPoints(member) ?? 0) < 1_500)).toEqual([]);
  });
});
