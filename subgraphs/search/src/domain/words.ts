/** What of a typed text is searched for. There is no query language: every sign is a sign, every word a word. */

/** As the schema says. */
export const MAX_QUERY_CHARACTERS = 500;
export const MAX_PREFIX_CHARACTERS = 100;
/** Each word is asked of several fields, and the engine allows 1,024 questions together. */
const MAX_WORDS = 32;

/** Han, kana and emoji are words by themselves. */
const WORD =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|\p{Extended_Pictographic}|[\p{L}\p{N}\p{M}]{1,100}/gu;

/** Without control characters, broken surrogates and doubled spaces; at most so many characters, at most 32 words. Empty when nothing is left. */
export function cleanText(typed: string, maxCharacters: number): string {
  const text = typed
    .slice(0, maxCharacters * 2)
    .toWellFormed()
    .normalize('NFC')
    .replace(/[\s\p{Cc}\uFFFD]+/gu, ' ')
    .trim();
  const short = [...text].slice(0, maxCharacters).join('');
  let words = 0;
  for (const found of short.matchAll(WORD)) {
    words += 1;
    if (words > MAX_WORDS) return short.slice(0, found.index).trim();
  }
  return short;
}

export function wordsOf(text: string): string[] {
  return text.match(WORD) ?? [];
}
