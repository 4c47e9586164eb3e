import { newId } from '@ebuy/kernel';
import fc from 'fast-check';
import { type Cart, type CartLine, newCart } from '../src/domain/cart.ts';
import type { Offer } from '../src/domain/prices.ts';

/** Few variants, so that random carts meet. */
export const VARIANTS = Array.from({ length: 6 }, () => newId());

export const offer = (
  variantId: string,
  more: Partial<Offer> & { amountMinor?: number; currency?: string } = {},
): Offer => {
  const { amountMinor = 1_000, currency = 'EUR', ...rest } = more;
  return { variantId, price: { amountMinor, currency }, available: 10_000, ...rest };
};

export const offersOf = (...offers: readonly Offer[]) => new Map(offers.map((one) => [one.variantId, one]));

export const line = (variantId: string, quantity: number, amountMinor = 1_000, currency = 'EUR'): CartLine => ({
  id: newId(),
  variantId,
  quantity,
  unitPrice: { amountMinor, currency },
});

export const cartWith = (...lines: readonly CartLine[]): Cart => ({
  ...newCart(newId(), null, null),
  currency: lines[0]?.unitPrice.currency ?? null,
  lines,
});

export const quantities = (cart: { readonly lines: readonly CartLine[] }): Record<string, number> =>
  Object.fromEntries(cart.lines.map(({ variantId, quantity }) => [variantId, quantity]));

export const anyVariant = fc.constantFrom(...VARIANTS);
export const anyQuantity = fc.integer({ min: 1, max: 999 });
export const anyWishes = fc.array(fc.record({ variantId: anyVariant, quantity: anyQuantity }), { maxLength: 12 });

/** A sound cart: one line a variant. */
export const anyCart = fc
  .uniqueArray(fc.record({ variantId: anyVariant, quantity: anyQuantity }), {
    selector: ({ variantId }) => variantId,
    maxLength: VARIANTS.length,
  })
  .map((wishes) => cartWith(...wishes.map(({ variantId, quantity }) => line(variantId, quantity))));
