/** What may be done to the lines of a cart. Each rule returns the new content, or throws its refusal. */
import { refusal } from '../refusals.ts';
import { type Cart, type CartContent, type CartLine, MAX_LINES, MAX_QUANTITY } from './cart.ts';
import { type Offer, priceOf, totalOf } from './prices.ts';

export interface Addition {
  readonly variantId: string;
  readonly quantity: number;
  /** Where it stands in the input. */
  readonly path: readonly string[];
}

type Offers = ReadonlyMap<string, Offer>;

export function checkQuantity(quantity: number, field: readonly string[]): void {
  if (!Number.isInteger(quantity) || quantity < 1 || quantity > MAX_QUANTITY) {
    throw refusal('INVALID_QUANTITY', { field });
  }
}

/** Before anybody is asked for prices: a cart that would have too many lines, whatever they cost. */
export function checkRoom(cart: CartContent, additions: readonly Addition[]): void {
  const variants = new Set([...cart.lines, ...additions].map(({ variantId }) => variantId));
  if (variants.size > MAX_LINES) throw refusal('TOO_MANY_LINES');
}

/** Adds each, in order: more of a line that is there, else a new line at the end. All lines take their offers' prices. */
export function addToLines(
  cart: CartContent,
  additions: readonly Addition[],
  offers: Offers,
  newId: () => string,
): CartContent {
  checkRoom(cart, additions);
  let { currency } = cart;
  const lines = new Map(cart.lines.map((line) => [line.variantId, line]));
  for (const { variantId, quantity, path } of additions) {
    checkQuantity(quantity, [...path, 'quantity']);
    const offer = offers.get(variantId);
    if (offer === undefined) throw refusal('VARIANT_NOT_FOUND', { field: [...path, 'variantId'] });
    currency ??= offer.price.currency;
    const line = lines.get(variantId);
    const wanted = (line?.quantity ?? 0) + quantity;
    checkOffer(offer, currency, wanted, line?.quantity ?? 0, path);
    lines.set(variantId, { id: line?.id ?? newId(), variantId, quantity: wanted, unitPrice: offer.price });
  }
  return sound({ currency, lines: atOffers([...lines.values()], offers) });
}

/** Sets how many a line has. Fewer needs no offer, more does. */
export function setQuantity(
  cart: CartContent,
  line: CartLine,
  quantity: number,
  offer: Offer | undefined,
): CartContent {
  if (quantity > line.quantity) {
    if (offer === undefined) throw refusal('VARIANT_NOT_FOUND', { field: ['lineId'] });
    checkOffer(offer, line.unitPrice.currency, quantity, line.quantity, []);
  }
  const changed = { ...line, quantity, unitPrice: priceOf(line, offer).unitPrice };
  return sound({ currency: cart.currency, lines: cart.lines.map((one) => (one.id === line.id ? changed : one)) });
}

export function findLine(cart: Cart, lineId: string): CartLine {
  const line = cart.lines.find(({ id }) => id === lineId);
  if (line === undefined) throw refusal('LINE_NOT_FOUND', { field: ['lineId'] });
  return line;
}

export function withoutLine(cart: CartContent, lineId: string): CartContent {
  return remaining(
    cart,
    cart.lines.filter(({ id }) => id !== lineId),
  );
}

/** Takes out what was ordered; what was added meanwhile stays. */
export function withoutOrdered(
  cart: CartContent,
  ordered: readonly { readonly variantId: string; readonly quantity: number }[],
): CartContent {
  const quantities = new Map<string, number>();
  for (const { variantId, quantity } of ordered) quantities.set(variantId, (quantities.get(variantId) ?? 0) + quantity);
  const lines = cart.lines
    .map((line) => ({ ...line, quantity: line.quantity - (quantities.get(line.variantId) ?? 0) }))
    .filter(({ quantity }) => quantity > 0);
  return remaining(cart, lines);
}

function remaining(cart: CartContent, lines: readonly CartLine[]): CartContent {
  return { currency: lines.length === 0 ? null : cart.currency, lines };
}

function checkOffer(offer: Offer, currency: string, wanted: number, had: number, path: readonly string[]): void {
  if (offer.price.currency !== currency) {
    throw refusal('CURRENCY_MISMATCH', {
      message: `This cart is in ${currency}, and this is sold in ${offer.price.currency}. Order what is in the cart first, or remove it.`,
      field: [...path, 'variantId'],
    });
  }
  const field = [...path, 'quantity'];
  if (wanted > MAX_QUANTITY) {
    const already = had > 0 ? ` The cart has ${had} already.` : '';
    throw refusal('INVALID_QUANTITY', { message: `A line has at most ${MAX_QUANTITY}.${already}`, field });
  }
  if (wanted > offer.available) throw refusal('INSUFFICIENT_STOCK', { message: shortage(offer.available, had), field });
}

function shortage(available: number, had: number): string {
  if (available <= 0) return 'It is sold out.';
  const left = available === 1 ? 'Only 1 is left' : `Only ${available} are left`;
  return had > 0 ? `${left}, and the cart has ${had} already.` : `${left}. Lower the quantity.`;
}

function atOffers(lines: readonly CartLine[], offers: Offers): CartLine[] {
  return lines.map((line) => ({ ...line, unitPrice: priceOf(line, offers.get(line.variantId)).unitPrice }));
}

function sound(content: CartContent): CartContent {
  if (content.currency !== null && totalOf(content.lines, content.currency) === null) throw refusal('AMOUNT_TOO_LARGE');
  return content;
}
