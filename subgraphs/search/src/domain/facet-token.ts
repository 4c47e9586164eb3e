/**
 * How a facet's value is kept: what is compared and what is shown in one keyword, `kiln & coast␟Kiln & Coast`, so that one count per value
 * brings its label with it. Values that differ in case or spaces only are one value; what was written first for it is shown.
 */
const SEPARATOR = '\u001f';
/** The engine's `index.max_regex_length`. No name or value of the shop comes near it; what a shopper sends may. */
const MAX_EXPRESSION = 1_000;
/** Fits no token: none has so many parts. */
const NOTHING = SEPARATOR.repeat(8);

/** Compared without case, outer and doubled spaces; the parts (an option's name and value) stay apart. */
export function facetKey(...parts: readonly string[]): string {
  return parts.map(normalise).join(SEPARATOR);
}

function normalise(text: string): string {
  return text
    .toWellFormed()
    .normalize('NFC')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .toLowerCase();
}

/** `key` and `labels` have as many parts as are split apart again by {@link readToken}. */
export function tokenOf(key: readonly string[], ...labels: readonly string[]): string {
  return [facetKey(...key), ...labels.map((label) => label.replaceAll(SEPARATOR, ' '))].join(SEPARATOR);
}

export function readToken(token: string): string[] {
  return token.split(SEPARATOR);
}

/** A regular expression (Lucene's) for the tokens whose key begins with these parts. */
export function tokensOf(...parts: readonly string[]): string {
  const begun = `${facetKey(...parts)}${SEPARATOR}`.replace(/[^\p{L}\p{N} ]/gu, String.raw`\$&`);
  return begun.length + 2 > MAX_EXPRESSION ? NOTHING : `${begun}.*`;
}
