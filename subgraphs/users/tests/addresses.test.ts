import { newId, Refusal } from '@ebuy/kernel';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MAX_ADDRESSES, type Wanted, withAddress, withoutAddress } from '../src/domain/addresses.ts';
import type { Address } from '../src/domain/user.ts';

const POSTAL = {
  recipient: 'Ada',
  line1: 'Street 1',
  line2: null,
  city: 'Berlin',
  region: null,
  postalCode: '10115',
  countryCode: 'DE',
  phone: null,
};
const wanted = (more: Partial<Wanted> = {}): Wanted => ({
  id: newId(),
  replaces: false,
  address: POSTAL,
  isDefault: null,
  ...more,
});
const defaults = (addresses: readonly Address[]) => addresses.filter(({ isDefault }) => isDefault).map(({ id }) => id);

const codeOf = (run: () => unknown) => {
  try {
    run();
    return null;
  } catch (error) {
    return error instanceof Refusal ? error.code : String(error);
  }
};

describe('saving', () => {
  test('the first is the default one, whatever was asked', () => {
    for (const isDefault of [null, true, false]) {
      expect(withAddress([], wanted({ isDefault }))[0]?.isDefault).toBe(true);
    }
  });

  test('a second is not the default unless asked, and then takes it', () => {
    const [first, second, third] = [wanted(), wanted(), wanted({ isDefault: true })];
    const two = withAddress(withAddress([], first), second);
    expect(two.map(({ id }) => id)).toEqual([first.id, second.id]);
    expect(defaults(two)).toEqual([first.id]);
    const three = withAddress(two, third);
    expect(three.map(({ id }) => id)).toEqual([third.id, first.id, second.id]);
    expect(defaults(three)).toEqual([third.id]);
  });

  test('replacing keeps the place and the default; the same again changes nothing', () => {
    const [first, second] = [wanted(), wanted()];
    const two = withAddress(withAddress([], first), second);
    expect(withAddress(two, { ...second, replaces: true })).toBe(two);
    const moved = withAddress(two, { ...first, replaces: true, address: { ...POSTAL, city: 'Potsdam' } });
    expect(moved).toEqual([{ ...two[0], city: 'Potsdam' }, two[1]]);
    expect(defaults(withAddress(two, { ...first, replaces: true, isDefault: false }))).toEqual([]);
  });

  test('only one that is there is replaced, and no more than 50 are kept', () => {
    expect(codeOf(() => withAddress([], wanted({ replaces: true })))).toBe('NOT_FOUND');
    let addresses: readonly Address[] = [];
    for (let count = 0; count < MAX_ADDRESSES; count += 1) addresses = withAddress(addresses, wanted());
    expect(codeOf(() => withAddress(addresses, wanted()))).toBe('TOO_MANY_ADDRESSES');
    const last = addresses.at(-1)?.id ?? '';
    expect(withAddress(addresses, wanted({ id: last, replaces: true, isDefault: true }))).toHaveLength(MAX_ADDRESSES);
  });
});

test('deleting takes one away, the default one without another in its place', () => {
  const first = wanted();
  const two = withAddress(withAddress([], first), wanted());
  expect(withoutAddress(two, first.id)).toEqual([two[1]]);
  expect(codeOf(() => withoutAddress(two, newId()))).toBe('NOT_FOUND');
});

test('whatever is done, at most one is the default, and it stands first', () => {
  const step = fc.record({
    deletes: fc.boolean(),
    at: fc.nat(5),
    isDefault: fc.constantFrom(null, true, false),
    city: fc.constantFrom('Berlin', 'Potsdam'),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      let addresses: readonly Address[] = [];
      for (const { deletes, at, isDefault, city } of steps) {
        const old = addresses[at];
        if (deletes && old) addresses = withoutAddress(addresses, old.id);
        else {
          const address = { ...POSTAL, city };
          addresses = withAddress(
            addresses,
            wanted({ ...(old ? { id: old.id, replaces: true } : {}), address, isDefault }),
          );
        }
        expect(defaults(addresses).length).toBeLessThanOrEqual(1);
        expect(defaults(addresses.slice(1))).toEqual([]);
      }
    }),
  );
});
