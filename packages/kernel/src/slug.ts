/** Names in URLs: lower-case ASCII letters, digits and single hyphens, at most 100 characters. */
const MAX_CHARACTERS = 100;
const SLUG = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

/** Letters that a decomposition does not take apart, and that a reader would spell so. */
const SPELLED: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
  '&': ' and ',
};

export function isSlug(text: string): boolean {
  return text.length <= MAX_CHARACTERS && SLUG.test(text);
}

/** A slug made of a title; of `fallback`, a slug itself, when nothing of the title can stand in one (emoji, other scripts). */
export function slugOf(title: string, fallback: string): string {
  const plain = title
    .slice(0, 4 * MAX_CHARACTERS)
    .toLowerCase()
    .replace(/[ßæœøłđðþı&]/g, (letter) => SPELLED[letter] ?? '')
    .normalize('NFKD')
    .replace(/['’\p{M}]/gu, '')
    .toLowerCase();
  return words(plain).slice(0, MAX_CHARACTERS).replace(/-$/, '') || fallback;
}

/** The slug to try when others of the same name stand in the way: `lamp`, `lamp-2`, `lamp-3`, …; `nth` may be a word, too. */
export function nthSlug(slug: string, nth: number | string): string {
  if (nth === 1) return slug;
  const suffix = `-${nth}`;
  return `${slug.slice(0, MAX_CHARACTERS - suffix.length).replace(/-$/, '')}${suffix}`;
}

function words(text: string): string {
  return (text.match(/[a-z0-9]+/g) ?? []).join('-');
}
