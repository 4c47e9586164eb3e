import { hasAtMost } from '@ebuy/kernel';

/**
 * What no name and no line of an address has: control characters (PostgreSQL refuses the null byte), line and paragraph separators,
 * the byte order mark, and the marks that turn the direction of everything behind them.
 */
const UNFIT = /[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069\uFEFF]/u;
const VISIBLE = /[\p{L}\p{M}\p{N}\p{P}\p{S}]/u;

export function isFit(text: string, max: number): boolean {
  return hasAtMost(text, max) && text.isWellFormed() && !UNFIT.test(text);
}

/** A text as it is kept: composed (NFC) and trimmed. Null for nothing, and for what nobody could see. */
export function kept(text: string): string | null {
  return VISIBLE.test(text) ? text.normalize('NFC').trim() : null;
}
