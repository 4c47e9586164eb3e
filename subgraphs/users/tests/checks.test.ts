import { Refusal } from '@ebuy/kernel';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type AddressInput,
  checkAddress,
  checkDisplayName,
  displayNameFromToken,
  emailFromToken,
  isSubject,
} from '../src/domain/checks.ts';
import { isCountry } from '../src/domain/countries.ts';

const ADDRESS = { recipient: ' Ada ', line1: 'Street 1', city: 'Berlin', postalCode: '10115', countryCode: 'DE' };
const HOSTILE = ['a\u0000b', 'a\r\nb', 'a\tb', '\ud800', 'a\u202eb', 'a\u2028b', '\ufeffa', 'a\u007f', 'a\u2066b'];
const EMPTY = ['', '   ', '\u200b', '\u00a0\u3000', '\u200d\u200d'];

function refused(run: () => unknown): [string, string] | null {
  try {
    run();
    return null;
  } catch (error) {
    if (error instanceof Refusal) return [error.code, error.field?.join('.') ?? ''];
    throw error;
  }
}

describe('an address', () => {
  test('is trimmed and composed, and empty parts are none', () => {
    expect(checkAddress({ ...ADDRESS, city: 'Ko\u0308ln', line2: '  ', region: null })).toEqual({
      recipient: 'Ada',
      line1: 'Street 1',
      line2: null,
      city: 'Köln',
      region: null,
      postalCode: '10115',
      countryCode: 'DE',
      phone: null,
    });
  });

  test.each(['recipient', 'line1', 'city'])('needs a %s that can be seen', (name) => {
    for (const text of EMPTY) {
      expect(refused(() => checkAddress({ ...ADDRESS, [name]: text }))).toEqual(['INVALID_ADDRESS', `address.${name}`]);
    }
  });

  const limits: [keyof AddressInput, number][] = [
    ['recipient', 200],
    ['line1', 200],
    ['line2', 200],
    ['city', 200],
    ['region', 200],
    ['postalCode', 20],
    ['phone', 40],
  ];

  test.each(limits)('%s has at most %i characters', (name, max) => {
    expect(checkAddress({ ...ADDRESS, [name]: 'ä'.repeat(max) })[name]).toHaveLength(max);
    expect(refused(() => checkAddress({ ...ADDRESS, [name]: '🏠'.repeat(max) }))).toBeNull();
    expect(refused(() => checkAddress({ ...ADDRESS, [name]: 'a'.repeat(max + 1) }))?.[1]).toBe(`address.${name}`);
    expect(refused(() => checkAddress({ ...ADDRESS, [name]: 'a'.repeat(1_000_000) }))?.[1]).toBe(`address.${name}`);
  });

  test.each(limits)('%s has no characters that an address cannot have', (name) => {
    for (const text of HOSTILE) {
      expect(refused(() => checkAddress({ ...ADDRESS, [name]: text }))).toEqual(['INVALID_ADDRESS', `address.${name}`]);
    }
  });

  test.each(['', 'ZZ', 'EU', 'UK', 'de', 'DEU', '__proto__', 'D\u0000'])('%j is no country', (countryCode) => {
    expect(refused(() => checkAddress({ ...ADDRESS, countryCode }))).toEqual([
      'UNKNOWN_COUNTRY',
      'address.countryCode',
    ]);
  });

  test('whatever is given, it is refused or can be kept', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        const address = { ...ADDRESS, recipient: text };
        if (refused(() => checkAddress(address))) return;
        const { recipient } = checkAddress(address);
        expect(recipient).not.toBe('');
        expect(recipient).not.toMatch(/\p{Cc}/u);
        expect(recipient.isWellFormed()).toBe(true);
        expect(checkAddress({ ...address, recipient }).recipient).toBe(recipient);
      }),
    );
  });
});

test('a display name is trimmed, and one that nobody could see is none', () => {
  expect(checkDisplayName('  Ada  ')).toBe('Ada');
  expect(checkDisplayName('<script>')).toBe('<script>');
  expect(checkDisplayName(null)).toBeNull();
  for (const text of EMPTY) expect(checkDisplayName(text)).toBeNull();
  for (const text of [...HOSTILE, 'a'.repeat(201), '🏠'.repeat(201)]) {
    expect(refused(() => checkDisplayName(text))).toEqual(['INVALID_DISPLAY_NAME', 'displayName']);
  }
});

test('what a token says is kept when it can be', () => {
  expect(emailFromToken('ada@example.com')).toBe('ada@example.com');
  expect(displayNameFromToken(' Ada Lovelace ')).toBe('Ada Lovelace');
  for (const text of [null, '', 'a\u0000@example.com', 'a'.repeat(255), '\ud800@example.com']) {
    expect(emailFromToken(text)).toBeNull();
  }
  for (const text of [null, ' ', ...HOSTILE, 'a'.repeat(201), 'ada@example.com']) {
    expect(displayNameFromToken(text)).toBeNull();
  }
});

test('a subject is any text that the identity provider may give', () => {
  for (const id of ['8d0c7e0e-8a1c-4a58-b5a8-6f3ad0c7a111', 'f:1:ada', 'x']) expect(isSubject(id)).toBe(true);
  for (const id of [null, undefined, 7, {}, '', 'a\u0000', '\ud800', 'a'.repeat(256)])
    expect(isSubject(id)).toBe(false);
});

test('there are 249 countries', () => {
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
  const codes = letters.flatMap((first) => letters.map((second) => first + second)).filter(isCountry);
  expect(codes).toHaveLength(249);
  const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
  expect(codes.filter((code) => names.of(code) === undefined)).toEqual([]);
});
