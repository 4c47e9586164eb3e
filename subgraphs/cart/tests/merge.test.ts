import { newId, Refusal } from '@ebuy/kernel';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Cart } from '../src/domain/cart.ts';
import { mergeGuestCart } from '../src/domain/merge.ts';
import { anyCart, cartWith, line, quantities, VARIANTS } from './fixtures.ts';

const [A, B] = VARIANTS as [string, string];
const merged = (own: Cart, guest: Cart): Cart => ({ ...own, ...mergeGuestCart(own, guest, newId) });
const refusalCode = (own: Cart, guest: Cart) => {
  try {
    mergeGuestCart(own, guest, newId);
  } catch (error) {
    if (error instanceof Refusal) return error.code;
  }
  return null;
};

describe('merging a guest’s cart', () => {
  test('adds quantities up, to 999 at most, and keeps the shopper’s lines', () => {
    fc.assert(
      fc.property(anyCart, anyCart, (own, guest) => {
        const after = merged(own, guest);
        for (const variantId of VARIANTS) {
          const sum = (quantities(own)[variantId] ?? 0) + (quantities(guest)[variantId] ?? 0);
          expect(quantities(after)[variantId] ?? 0).toBe(Math.min(sum, 999));
        }
        expect(after.lines.slice(0, own.lines.length).map(({ id }) => id)).toEqual(own.lines.map(({ id }) => id));
      }),
    );
  });

  test('again changes nothing, however often', () => {
    fc.assert(
      fc.property(anyCart, anyCart, (own, guest) => {
        const once = merged(own, guest);
        expect(mergeGuestCart(once, guest, newId)).toBeNull();
      }),
    );
  });

  test('after being cut off it adds only what the guest added since', () => {
    const small = fc.integer({ min: 1, max: 100 });
    fc.assert(
      fc.property(small, small, small, small, (had, first, more, other) => {
        const own = cartWith(line(A, had));
        const guest = cartWith(line(A, first));
        const cutOff = merged(own, guest);
        const grown = { ...guest, lines: [line(A, first + more), line(B, other)] };
        expect(quantities(merged(cutOff, grown))).toEqual({ [A]: had + first + more, [B]: other });
        const shrunk = { ...guest, lines: [] };
        expect(mergeGuestCart(cutOff, shrunk, newId)).toBeNull();
      }),
    );
  });

  test('two guests’ carts are told apart', () => {
    const [first, second] = [cartWith(line(A, 2)), cartWith(line(A, 3))];
    const own = merged(merged(cartWith(), first), second);
    expect(quantities(own)).toEqual({ [A]: 5 });
    expect(mergeGuestCart(own, first, newId)).toBeNull();
    expect(mergeGuestCart(own, second, newId)).toBeNull();
  });

  test('one currency, 100 lines, an amount that can be said', () => {
    expect(refusalCode(cartWith(line(A, 1)), cartWith(line(B, 1, 100, 'JPY')))).toBe('CURRENCY_MISMATCH');
    expect(merged({ ...cartWith(), currency: 'EUR' }, cartWith(line(B, 1, 100, 'JPY'))).currency).toBe('JPY');
    const many = (count: number) => cartWith(...Array.from({ length: count }, () => line(newId(), 1)));
    expect(refusalCode(many(60), many(41))).toBe('TOO_MANY_LINES');
    expect(merged(many(60), many(40)).lines).toHaveLength(100);
    const dear = cartWith(line(A, 1, Number.MAX_SAFE_INTEGER));
    expect(refusalCode(cartWith(line(B, 1, 1)), dear)).toBe('AMOUNT_TOO_LARGE');
  });
});
