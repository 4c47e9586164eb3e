import { newId, Refusal } from '@ebuy/kernel';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MAX_LINES, newCart } from '../src/domain/cart.ts';
import {
  type Addition,
  addToLines,
  checkQuantity,
  findLine,
  setQuantity,
  withoutLine,
  withoutOrdered,
} from '../src/domain/lines.ts';
import { anyCart, anyWishes, cartWith, line, offer, offersOf, quantities, VARIANTS } from './fixtures.ts';

const [A, B, C] = VARIANTS as [string, string, string];
const empty = newCart(newId(), null, null);
const adding = (...wishes: readonly [variantId: string, quantity: number][]): Addition[] =>
  wishes.map(([variantId, quantity], index) => ({ variantId, quantity, path: ['lines', String(index)] }));

function refusalOf(run: () => unknown): { code: string; field: readonly string[] | null; message: string } {
  try {
    run();
  } catch (error) {
    if (error instanceof Refusal) return { code: error.code, field: error.field, message: error.message };
    throw error;
  }
  throw new Error('It was not refused');
}

describe('adding', () => {
  const offers = offersOf(offer(A, { available: 5 }), offer(B, { currency: 'USD' }), offer(C, { amountMinor: 250 }));

  test('the first line says the currency, when nothing did before', () => {
    expect(addToLines(empty, adding([A, 2]), offers, newId)).toMatchObject({
      currency: 'EUR',
      lines: [{ variantId: A, quantity: 2, unitPrice: { amountMinor: 1_000, currency: 'EUR' } }],
    });
    expect(refusalOf(() => addToLines({ ...empty, currency: 'EUR' }, adding([B, 1]), offers, newId))).toMatchObject({
      code: 'CURRENCY_MISMATCH',
      field: ['lines', '0', 'variantId'],
    });
    expect(refusalOf(() => addToLines(empty, adding([A, 1], [B, 1]), offers, newId)).code).toBe('CURRENCY_MISMATCH');
  });

  test('more of the same is one line, with its id, and says how many are left', () => {
    const cart = { ...empty, ...addToLines(empty, adding([A, 2]), offers, newId) };
    const more = addToLines(cart, adding([A, 3]), offers, newId);
    expect(more.lines).toEqual([{ ...cart.lines[0], quantity: 5 }]);
    expect(refusalOf(() => addToLines(cart, adding([A, 4]), offers, newId))).toEqual({
      code: 'INSUFFICIENT_STOCK',
      field: ['lines', '0', 'quantity'],
      message: 'Only 5 are left, and the cart has 2 already.',
    });
    expect(refusalOf(() => addToLines(empty, adding([A, 6]), offers, newId)).message).toMatch(/^Only 5 are left/);
    const soldOut = offersOf(offer(A, { available: 0 }));
    expect(refusalOf(() => addToLines(empty, adding([A, 1]), soldOut, newId)).message).toBe('It is sold out.');
  });

  test('a line ends at 999, a cart at 100 lines and at what an amount can say', () => {
    const plenty = offersOf(offer(A));
    const cart = cartWith(line(A, 998));
    expect(quantities(addToLines(cart, adding([A, 1]), plenty, newId))).toEqual({ [A]: 999 });
    expect(refusalOf(() => addToLines(cart, adding([A, 2]), plenty, newId)).code).toBe('INVALID_QUANTITY');
    const full = cartWith(...Array.from({ length: MAX_LINES }, () => line(newId(), 1)));
    expect(refusalOf(() => addToLines(full, adding([A, 1]), plenty, newId)).code).toBe('TOO_MANY_LINES');
    const dear = offersOf(offer(A, { amountMinor: Number.MAX_SAFE_INTEGER }), offer(B, { amountMinor: 1 }));
    expect(addToLines(empty, adding([A, 1]), dear, newId).lines).toHaveLength(1);
    expect(refusalOf(() => addToLines(empty, adding([A, 1], [B, 1]), dear, newId)).code).toBe('AMOUNT_TOO_LARGE');
    expect(refusalOf(() => addToLines(empty, adding([A, 2]), dear, newId)).code).toBe('AMOUNT_TOO_LARGE');
  });

  test('what is not on sale is refused; all prices that were named are taken over', () => {
    expect(refusalOf(() => addToLines(empty, adding([C, 1], [newId(), 1]), offers, newId))).toMatchObject({
      code: 'VARIANT_NOT_FOUND',
      field: ['lines', '1', 'variantId'],
    });
    const cart = cartWith(line(A, 1, 900), line(B, 1, 900));
    const after = addToLines(cart, adding([C, 1]), offers, newId);
    // B is sold in another currency by now: its last known price stays.
    expect(after.lines.map(({ unitPrice }) => unitPrice.amountMinor)).toEqual([1_000, 900, 250]);
  });

  test('sums are kept, whatever is added in whatever order, or nothing is changed', () => {
    const plenty = offersOf(...VARIANTS.map((id) => offer(id)));
    fc.assert(
      fc.property(anyCart, anyWishes, (cart, wishes) => {
        const before = structuredClone(cart);
        const wanted = new Map(Object.entries(quantities(cart)));
        for (const { variantId, quantity } of wishes) wanted.set(variantId, (wanted.get(variantId) ?? 0) + quantity);
        const additions = wishes.map((wish) => ({ ...wish, path: [] }));
        const fits = [...wanted.values()].every((quantity) => quantity <= 999);
        if (fits) {
          const after = addToLines(cart, additions, plenty, newId);
          expect(quantities(after)).toEqual(Object.fromEntries(wanted));
          expect(after.lines.slice(0, cart.lines.length).map(({ id }) => id)).toEqual(cart.lines.map(({ id }) => id));
          expect(new Set(after.lines.map(({ id }) => id)).size).toBe(after.lines.length);
        } else {
          expect(refusalOf(() => addToLines(cart, additions, plenty, newId)).code).toBe('INVALID_QUANTITY');
        }
        expect(cart).toEqual(before);
      }),
    );
  });
});

describe('quantities', () => {
  test.each([0, -1, 1_000, 1.5, Number.NaN, 2 ** 31 - 1])('%p is none', (quantity) => {
    expect(refusalOf(() => checkQuantity(quantity, ['quantity'])).code).toBe('INVALID_QUANTITY');
  });

  test('fewer needs no offer, more needs one with enough, in the cart’s currency', () => {
    const cart = cartWith(line(A, 5), line(B, 1));
    const first = findLine(cart, cart.lines[0]?.id ?? '');
    expect(quantities(setQuantity(cart, first, 2, undefined))).toEqual({ [A]: 2, [B]: 1 });
    expect(quantities(setQuantity(cart, first, 6, offer(A, { available: 6 })))).toEqual({ [A]: 6, [B]: 1 });
    const raise = (by: ReturnType<typeof offer> | undefined) => refusalOf(() => setQuantity(cart, first, 7, by)).code;
    expect(raise(undefined)).toBe('VARIANT_NOT_FOUND');
    expect(raise(offer(A, { available: 6 }))).toBe('INSUFFICIENT_STOCK');
    expect(raise(offer(A, { currency: 'USD' }))).toBe('CURRENCY_MISMATCH');
    expect(raise(offer(A, { amountMinor: Number.MAX_SAFE_INTEGER }))).toBe('AMOUNT_TOO_LARGE');
    expect(refusalOf(() => findLine(cart, newId())).code).toBe('LINE_NOT_FOUND');
  });

  test('a cart that becomes empty may take another currency', () => {
    const cart = cartWith(line(A, 5));
    expect(withoutLine(cart, cart.lines[0]?.id ?? '')).toEqual({ currency: null, lines: [] });
  });

  test('what was ordered goes, what was added meanwhile stays', () => {
    fc.assert(
      fc.property(anyCart, anyWishes, (cart, ordered) => {
        const left = withoutOrdered(cart, ordered);
        for (const { variantId, quantity } of cart.lines) {
          const gone = ordered.filter((one) => one.variantId === variantId).reduce((sum, one) => sum + one.quantity, 0);
          expect(quantities(left)[variantId] ?? 0).toBe(Math.max(quantity - gone, 0));
        }
        expect(left.lines.every(({ quantity }) => quantity >= 1)).toBe(true);
        expect(left.currency).toBe(left.lines.length === 0 ? null : 'EUR');
      }),
    );
  });
});
