import sanitizeHtml from 'sanitize-html';
import { optionalText } from './text.ts';

const MAX_CHARACTERS = 100_000;

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
  const text = optionalText(html, { field: ['descriptionHtml'], max: MAX_CHARACTERS, layout: true });
  // Escaping can lengthen a text beyond what may be kept.
  return optionalText(sanitizeHtml(text, POLICY), { field: ['descriptionHtml'], max: MAX_CHARACTERS, layout: true });
}
