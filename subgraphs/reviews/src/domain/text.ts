/**
 * What people write, as plain text. Markup is taken out rather than escaped: what is kept is what was meant, and whoever shows it escapes
 * it like any text.
 */
import sanitizeHtml from 'sanitize-html';
import { refusal } from '../refusals.ts';

/** No element, no attribute. The text within stays, but for that of elements that are never read. */
const POLICY: sanitizeHtml.IOptions = {
  allowedTags: [],
  allowedAttributes: {},
  disallowedTagsMode: 'discard',
  nonTextTags: ['script', 'style', 'noscript', 'template'],
};
/** As often as it takes for the text to stay as it is; what hides deeper loses its brackets. */
const MAX_PASSES = 12;

const CONTROL = /\p{Cc}/u;
const CONTROLS = /\p{Cc}+/gu;
const CONTROL_BUT_LAYOUT = /[^\P{Cc}\t\n]/u;
/** Embeddings, overrides and isolates: they turn round what stands beside them. Marks of direction stay: languages need them. */
const BIDI_OVERRIDES = /[\u202A-\u202E\u2066-\u2069]/g;
const LINE_ENDS = /\r\n?/g;
const LINE_SEPARATORS = /[\u2028\u2029]/g;
/** The ends of what stands in lines of its own. */
const BREAKS = /<(?:br|\/(?:p|div|li|h[1-6]|tr|blockquote))\b[^<>]*>/gi;
/** What a tag, a comment or a declaration begins with. */
const TAG_STARTS = /<(?=[a-z/!?])/gi;
const ENTITIES: Readonly<Record<string, string>> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"' };
/** A letter, a digit, a sign: something that is seen. */
const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/u;
/** How much longer than what is kept a text with markup may be. */
const MARKUP_SHARE = 8;

interface TextRule {
  readonly field: string;
  readonly max: number;
  /** Tabs and line breaks may stand in it. */
  readonly layout?: boolean;
}

/** A text as it is kept, or null when nothing is left of it. Refuses what cannot be kept. */
export function plainText(written: string, { field, max, layout = false }: TextRule): string | null {
  const tooLong = () =>
    refusal('INVALID_INPUT', { message: `${field} has at most ${max} characters. Make it shorter.`, field: [field] });
  if (written.length > max * MARKUP_SHARE) throw tooLong();
  const forbidden = layout ? CONTROL_BUT_LAYOUT : CONTROL;
  const given = layout ? written.replace(LINE_ENDS, '\n') : written;
  // A reference to a control character is decoded to one: looked at before and after.
  const kept = given.isWellFormed() && !forbidden.test(given) ? withoutMarkup(given, layout ? '\n' : ' ') : null;
  if (kept === null || forbidden.test(kept)) {
    const message = `${field} has a control character or half a character. Remove it.`;
    throw refusal('INVALID_INPUT', { message, field: [field] });
  }
  const text = kept.trim();
  if ([...text].length > max) throw tooLong();
  return VISIBLE.test(text) ? text : null;
}

/** The same, and it must say something. */
export function requiredText(written: string, rule: TextRule): string {
  const text = plainText(written, rule);
  if (text === null) {
    throw refusal('INVALID_INPUT', { message: `${rule.field} says nothing. Write something.`, field: [rule.field] });
  }
  return text;
}

const MAX_NAME_CHARACTERS = 100;
/** Some are given as a name, or stand in for one that is missing: reviews are no place for them. */
const ADDRESS = /[^\s@]@[^\s@]/;

/** A name as signed by who knows the caller: made fit to be shown rather than refused. */
export function shownName(name: string | null): string | null {
  if (name === null) return null;
  const line = name
    .slice(0, MAX_NAME_CHARACTERS * MARKUP_SHARE)
    .toWellFormed()
    .replace(CONTROLS, ' ');
  const text = withoutMarkup(line, ' ').replace(CONTROLS, ' ').replace(/\s+/g, ' ').trim();
  const kept = [...text].slice(0, MAX_NAME_CHARACTERS).join('').trim();
  return VISIBLE.test(kept) && !ADDRESS.test(kept) ? kept : null;
}

/**
 * Taking one element out can bring two halves of another together, and decoding can bring one out: again until nothing changes.
 * `a < b`, `AT&T` and `I <3 it` are what they were from the first pass on.
 */
function withoutMarkup(given: string, lineBreak: string): string {
  let text = given;
  for (let pass = 1; pass <= MAX_PASSES; pass += 1) {
    const clean = decoded(sanitizeHtml(openEnded(text).replace(BREAKS, lineBreak), POLICY))
      .replace(BIDI_OVERRIDES, '')
      .replace(LINE_SEPARATORS, lineBreak)
      .normalize('NFC');
    if (clean === text) return text;
    text = clean;
  }
  return text.replace(/[<>]/g, '');
}

/** What looks like a tag and never ends is no tag, but would swallow the rest: `x<y` becomes `x< y`. */
function openEnded(text: string): string {
  const end = text.lastIndexOf('>') + 1;
  return text.slice(0, end) + text.slice(end).replace(TAG_STARTS, '< ');
}

/** sanitize-html has decoded every entity and escaped these four again. */
function decoded(html: string): string {
  return html.replace(/&(?:amp|lt|gt|quot);/g, (entity) => ENTITIES[entity] ?? entity);
}
