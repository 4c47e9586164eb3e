import { Refusal } from '@ebuy/kernel';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  checkAddress,
  checkEmail,
  checkIdempotencyKey,
  checkNote,
  checkPaymentMethod,
  isSoundMoney,
} from '../src/domain/checks.ts';
import { invoiceNumber, parseInvoiceNumber } from '../src/domain/order.ts';

const ADDRESS = { recipient: ' Ada ', line1: 'Street 1', city: 'Berlin', postalCode: '10115', countryCode: 'DE' };
const NULL_BYTE = '\u0000';
const HALF_A_PAIR = '\ud800';

function refused(run: () => unknown): [string, string] | null {
  try {
    run();
    return null;
  } catch (error) {
    if (error instanceof Refusal) return [error.code, error.field?.join('.') ?? ''];
    throw error;
  }
}

describe('e-mail', () => {
  test.each([
    'a@b.co',
    'first.last+tag@sub.example.com',
    " o'neil@example.ie ",
    'jürgen@müller.example',
    `${'a'.repeat(64)}@example.com`,
  ])('%s is one', (email) => expect(checkEmail(email)).toBe(email.trim()));

  test.each([
    '',
    'a',
    'a@b',
    '@example.com',
    'a@@example.com',
    'a b@example.com',
    'a..b@example.com',
    'a@-example.com',
    'a@example..com',
    'a@example.com\r\nBcc: b@example.com',
    `a${NULL_BYTE}@example.com`,
    `${HALF_A_PAIR}@example.com`,
    `${'a'.repeat(65)}@example.com`,
    `a@${'b'.repeat(60)}.${'c'.repeat(250)}.com`,
    '"><script>@example.com',
  ])('%j is none', (email) => expect(refused(() => checkEmail(email))).toEqual(['INVALID_EMAIL', 'email']));

  test('hostile text is judged at once', () => {
    const begun = performance.now();
    for (const text of [
      `${'a.'.repeat(50_000)}@`,
      `a@${'a.'.repeat(50_000)}`,
      `a@${'a-'.repeat(120)}`,
      '@'.repeat(100_000),
    ]) {
      expect(refused(() => checkEmail(text))?.[0]).toBe('INVALID_EMAIL');
    }
    expect(performance.now() - begun).toBeLessThan(200);
  });
});

describe('an address', () => {
  test('is trimmed, and empty parts are none', () => {
    expect(checkAddress({ ...ADDRESS, line2: '  ', region: null })).toEqual({
      recipient: 'Ada',
      line1: 'Street 1',
      line2: null,
      city: 'Berlin',
      region: null,
      postalCode: '10115',
      countryCode: 'DE',
      phone: null,
    });
  });

  test.each([
    ['recipient', ''],
    ['recipient', '   '],
    ['recipient', 'a'.repeat(201)],
    ['recipient', `Ada${NULL_BYTE}`],
    ['recipient', HALF_A_PAIR],
    ['line1', 'Street\n1'],
    ['line2', 'a'.repeat(201)],
    ['city', ''],
    ['region', 'a\u2028b'],
    ['postalCode', '1'.repeat(21)],
    ['phone', '1'.repeat(41)],
  ] as const)('%s cannot be %j', (part, text) => {
    expect(refused(() => checkAddress({ ...ADDRESS, [part]: text }))).toEqual([
      'INVALID_ADDRESS',
      `shippingAddress.${part}`,
    ]);
  });

  test.each(['AQ', 'XX', '__proto__', 'constructor'])('nothing is shipped to %s', (countryCode) => {
    expect(refused(() => checkAddress({ ...ADDRESS, countryCode }))).toEqual([
      'COUNTRY_NOT_SHIPPED',
      'shippingAddress.countryCode',
    ]);
  });
});

describe('a payment method', () => {
  test.each(['pm_card_visa', 'p', 'x'.repeat(255), '4242'])('%s is taken', (method) => {
    expect(checkPaymentMethod(method)).toBe(method);
  });

  test.each([
    '',
    'x'.repeat(256),
    `pm${NULL_BYTE}`,
    '4242424242424242',
    '4242 4242 4242 4242',
    '3782-822463-10005',
    'pm_4242424242424242',
  ])('%j is not', (method) =>
    expect(refused(() => checkPaymentMethod(method))).toEqual(['INVALID_PAYMENT_METHOD', 'paymentMethod']),
  );
});

test('keys and notes', () => {
  expect(checkIdempotencyKey('k'.repeat(255))).toHaveLength(255);
  for (const key of ['', 'k'.repeat(256), `k${NULL_BYTE}`, HALF_A_PAIR]) {
    expect(refused(() => checkIdempotencyKey(key))).toEqual(['INVALID_IDEMPOTENCY_KEY', 'idempotencyKey']);
  }
  expect([checkNote(null, 5, 'reason'), checkNote('  ', 5, 'reason'), checkNote(' hello ', 5, 'reason')]).toEqual([
    null,
    null,
    'hello',
  ]);
  expect(refused(() => checkNote('123456', 5, 'reason'))).toEqual(['INVALID_TEXT', 'reason']);
  expect(refused(() => checkNote(NULL_BYTE, 5, 'reason'))).toEqual(['INVALID_TEXT', 'reason']);
});

test('money from elsewhere', () => {
  expect(isSoundMoney({ amountMinor: 0, currency: 'JPY' })).toBe(true);
  for (const wrong of [{ amountMinor: -1 }, { amountMinor: 1.5 }, { amountMinor: 2 ** 53 }, { currency: 'XXX' }]) {
    expect(isSoundMoney({ amountMinor: 1, currency: 'EUR', ...wrong })).toBe(false);
  }
});

test('an invoice number reads back', () => {
  expect([1, 123, 999_999, 1_000_000].map(invoiceNumber)).toEqual([
    'EB-000001',
    'EB-000123',
    'EB-999999',
    'EB-1000000',
  ]);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e14 }), (number) => parseInvoiceNumber(invoiceNumber(number)) === number),
  );
  expect(['eb-000123', 'EB123', ' 123 '].map(parseInvoiceNumber)).toEqual([123, 123, 123]);
  expect(['EB-', 'abc', '12a', '-1', '1e3', '9'.repeat(30), ''].map(parseInvoiceNumber)).toEqual(Array(7).fill(null));
});
