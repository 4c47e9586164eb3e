/**
 * A guest's cart becomes part of a shopper's. Two documents, so two writes: first the shopper's cart takes the lines and, in the same
 * write, remembers what it took; then the guest's is closed. Cut off in between, a repeat adds only what is not there yet.
 */
import { refusal } from '../refusals.ts';
import { type Cart, type CartChange, type CartLine, MAX_LINES, MAX_QUANTITY, type Merge } from './cart.ts';
import { totalOf } from './prices.ts';

/** Only merges whose guest's cart is not closed yet are of use, and those are cut off ones: a few are plenty. */
const REMEMBERED = 5;

/** The change to the shopper's cart; null when all of it is there. */
export function mergeGuestCart(cart: Cart, guest: Cart, newId: () => string): CartChange | null {
  const before = cart.mergedFrom.find(({ guestCartId }) => guestCartId === guest.id);
  const taken = new Map(before?.quantities.map(({ variantId, quantity }) => [variantId, quantity]));
  const outstanding = guest.lines
    .map((line) => ({ ...line, quantity: line.quantity - (taken.get(line.variantId) ?? 0) }))
    .filter(({ quantity }) => quantity > 0);
  if (outstanding.length === 0) return null;
  const currency = cart.lines.length === 0 ? guest.currency : cart.currency;
  if (currency !== guest.currency) {
    throw refusal('CURRENCY_MISMATCH', {
      message: `Your cart is in ${currency}, the other one in ${guest.currency}. Order or empty one of them first.`,
      field: ['guestCartId'],
    });
  }
  const lines = addedUp(cart.lines, outstanding, newId);
  if (lines.length > MAX_LINES) throw refusal('TOO_MANY_LINES', { field: ['guestCartId'] });
  if (currency !== null && totalOf(lines, currency) === null) {
    throw refusal('AMOUNT_TOO_LARGE', { field: ['guestCartId'] });
  }
  for (const { variantId, quantity } of guest.lines) {
    taken.set(variantId, Math.max(quantity, taken.get(variantId) ?? 0));
  }
  const merge: Merge = {
    guestCartId: guest.id,
    quantities: [...taken].map(([variantId, quantity]) => ({ variantId, quantity })),
  };
  const others = cart.mergedFrom.filter(({ guestCartId }) => guestCartId !== guest.id);
  return { currency, lines, mergedFrom: [...others, merge].slice(-REMEMBERED) };
}

/** The shopper's lines keep their places; the guest's prices are the later ones. */
function addedUp(own: readonly CartLine[], more: readonly CartLine[], newId: () => string): CartLine[] {
  const lines = new Map(own.map((line) => [line.variantId, line]));
  for (const { variantId, quantity, unitPrice } of more) {
    const line = lines.get(variantId);
    const sum = Math.min((line?.quantity ?? 0) + quantity, MAX_QUANTITY);
    lines.set(variantId, { id: line?.id ?? newId(), variantId, quantity: sum, unitPrice });
  }
  return [...lines.values()];
}
