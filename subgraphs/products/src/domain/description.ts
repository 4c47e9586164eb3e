import sanitizeHtml from 'sanitize-html';
import { optionalText } from './text.ts';

const RULE = { field: ['descriptionHtml'], max: 100_000, layout: true };
const MAX_PASSES = 4;

/** What a description may be made of: text, lists, tables, links and pictures; no script, no style, no frames, no forms. */
const POLICY: sanitizeHtml.IOptions = {
  allowedTags: [
    ...['p', 'br', 'hr', 'div', 'span', 'h2', 'h3', 'h4', 'h5', 'h6', 'blockquote', 'pre', 'code'],
    ...['b', 'strong', 'i', 'em', 'u', 's', 'small', 'sub', 'sup', 'ul', 'ol', 'li', 'dl', 'dt', 'dd'],
    ...['table', 'caption', 'thead', 'tbody', 'tfoot', 'tr', 'th', 'td', 'a', 'img', 'figure', 'figcaption'],
  ],
  allowedAttributes: {
    a: ['href', 'title', 'rel'],
    img: ['src', 'alt', 'width', 'height', 'loading'],
    th: ['colspan', 'rowspan', 'scope'],
    td: ['colspan', 'rowspan'],
  },
  allowedSchemes: ['http', 'https'],
  allowedSchemesByTag: { a: ['http', 'https', 'mailto'] },
  allowProtocolRelative: false,
  disallowedTagsMode: 'discard',
  nestingLimit: 50,
  transformTags: {
    h1: 'h2',
    a: sanitizeHtml.simpleTransform('a', { rel: 'noopener noreferrer nofollow' }),
    img: sanitizeHtml.simpleTransform('img', { loading: 'lazy' }),
  },
};

/** HTML that is safe to place in a page as it is. Sanitised when it is written, so that every reader may trust it. */
export function sanitisedDescription(html: string): string {
  let text = optionalText(html, RULE);
  // Taking one element out can bring two together that must not stand within each other: again until it stays as it is,
  // so that a description that is read and written back is the same.
  for (let pass = 1; pass <= MAX_PASSES; pass += 1) {
    // Escaping can lengthen a text beyond what may be kept.
    const clean = optionalText(sanitizeHtml(text, POLICY), RULE);
    if (clean === text) break;
    text = clean;
  }
  return text;
}
