// What looks like a person's address, a card or a secret in texts that must hold none: events and logs.

/** Enough to see that something is wrong. */
const KEPT_MOST = 1_000;

export interface Trace {
  readonly kind: 'address' | 'card' | 'token' | 'secret';
  readonly text: string;
  /** `topic/partition/offset`, or the file with the line. */
  readonly place: string;
}

export class Traces {
  /** By place and what was found there. */
  readonly #found = new Map<string, Trace>();
  readonly #secrets: readonly string[];

  /** @param secrets of 40 characters or more, made of letters, digits, `-` and `_` */
  constructor(secrets: readonly string[]) {
    this.#secrets = secrets;
  }

  note(place: string, text: string): void {
    for (const { kind, text: found } of tracesIn(text, this.#secrets)) {
      if (this.#found.size >= KEPT_MOST) return;
      this.#found.set(`${place} ${found}`, { kind, text: found, place });
    }
  }

  forget(isGone: (place: string) => boolean): void {
    for (const [name, { place }] of this.#found) if (isGone(place)) this.#found.delete(name);
  }

  all(): Trace[] {
    return [...this.#found.values()];
  }
}

/** Digits as cards have them, alone or in groups; not those within an id, a decimal fraction or a longer number. */
const DIGITS = /(?<![\w.-])\d(?:[ -]?\d){14,18}(?![\w-])/g;
const TOKEN = /(?<![\w-])eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/g;
const LONG = /(?<![\w-])[\w-]{40,}/g;
/** By how they begin: Visa, Mastercard, American Express, Discover and others. */
const ISSUED = /^(?:4|5[1-5]|2[2-7]|3[47]|6)/;

export function tracesIn(text: string, secrets: readonly string[] = []): Omit<Trace, 'place'>[] {
  const found: Omit<Trace, 'place'>[] = addressesIn(text).map((address) => ({ kind: 'address', text: address }));
  for (const [digits] of text.matchAll(DIGITS)) {
    const card = digits.replace(/[ -]/g, '');
    if (ISSUED.test(card) && hasCheckDigit(card)) found.push({ kind: 'card', text: digits });
  }
  for (const [token] of text.matchAll(TOKEN)) found.push({ kind: 'token', text: token });
  for (const [long] of text.matchAll(LONG)) {
    // The secret itself is not shown again.
    if (secrets.some((secret) => long.includes(secret))) found.push({ kind: 'secret', text: `${long.slice(0, 4)}…` });
  }
  return found;
}

/** In lower case. From each @ to both sides: most texts have none. */
function addressesIn(text: string): string[] {
  const addresses: string[] = [];
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    const name = /[\w.+%'-]+$/.exec(text.slice(Math.max(0, at - 64), at))?.[0];
    const host = /^(?:[\w-]+\.)+[a-z]{2,}/i.exec(text.slice(at + 1, at + 256))?.[0];
    if (name !== undefined && host !== undefined) addresses.push(`${name}@${host}`.toLowerCase());
  }
  return addresses;
}

/** Luhn: from the right, every second digit counts double, the digits of what that gives are added. */
function hasCheckDigit(digits: string): boolean {
  const sum = [...digits].reverse().reduce((total, digit, index) => {
    const value = Number(digit) * (index % 2 === 0 ? 1 : 2);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}
