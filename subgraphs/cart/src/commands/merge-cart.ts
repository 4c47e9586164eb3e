import { newEvent } from '@ebuy/events';
import { isId, newId } from '@ebuy/kernel';
import { opensWith, type RequestContext } from '@ebuy/runtime';
import { type Cart, CLOSED, newCart } from '../domain/cart.ts';
import { mergeGuestCart } from '../domain/merge.ts';
import { refusal } from '../refusals.ts';
import { type CartNeeds, untilWon, writeChange } from './change-cart.ts';

export interface MergeCart {
  readonly guestCartId: string;
  readonly accessToken: string;
}

/**
 * The shopper's cart takes the guest's lines, then the guest's is closed: in this order, so that being cut off loses nothing. The token
 * opens a closed cart no more; a repeat by the same shopper is answered with their cart.
 */
export async function mergeCart(needs: CartNeeds, context: RequestContext, input: MergeCart): Promise<Cart> {
  const { store } = needs;
  const userId = context.caller.kind === 'user' ? context.caller.id : null;
  return untilWon(async () => {
    const guest = await findGuestCart(needs, input);
    if (guest === null || userId === null) throw refusal('NOT_FOUND', { field: ['guestCartId'] });
    const own = await store.findOfUser(userId);
    if (guest.status === 'CLOSED') {
      if (own === null || guest.mergedInto !== own.id) throw refusal('NOT_FOUND', { field: ['guestCartId'] });
      return own;
    }
    const merged = own === null ? await begin(needs, context, userId, guest) : await add(needs, context, own, guest);
    if (merged === undefined) return undefined;
    const closed = await writeChange(needs, context, guest, { ...CLOSED, mergedInto: merged.id });
    return closed && merged;
  });
}

async function findGuestCart({ store, accessTokenSecret }: CartNeeds, { guestCartId, accessToken }: MergeCart) {
  if (!isId(guestCartId)) return null;
  const guest = await store.find(guestCartId.toLowerCase());
  if (guest === null || guest.userId !== null) return null;
  return opensWith(accessTokenSecret, 'cart', guest.id, accessToken) ? guest : null;
}

async function begin(
  { store, now }: CartNeeds,
  { correlationId }: RequestContext,
  userId: string,
  guest: Cart,
): Promise<Cart | undefined> {
  const empty = newCart(newId(), userId, guest.currency);
  const cart = { ...empty, ...mergeGuestCart(empty, guest, newId) };
  const at = now();
  const trace = { correlationId, causationId: null };
  const event = newEvent('cart.changed', { cartId: cart.id, version: cart.version }, trace, at);
  return (await store.insert(cart, [event], at)) ? cart : undefined;
}

async function add(needs: CartNeeds, context: RequestContext, own: Cart, guest: Cart): Promise<Cart | undefined> {
  return writeChange(needs, context, own, mergeGuestCart(own, guest, newId));
}
