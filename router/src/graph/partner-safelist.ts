import type { Caller } from '@ebuy/runtime';
import { readOperations } from '@ebuy/schema';
import { splitOperations } from '@ebuy/schema/operations';
import { print, stripIgnoredCharacters } from 'graphql';
import { Generations } from '../generations.ts';

/** Whether a caller may send nothing but the partners' operations. */
export function isPartner(caller: Caller): boolean {
  return caller.roles.includes('partner');
}

/**
 * Judges the text of a partner's request by the operations of schema/operations/partner.graphql: each alone, or the whole file.
 * Blanks, commas and comments do not count; everything else does. The text is only read word by word, never parsed.
 */
export function createPartnerSafelist(
  partnerOperations: string = readOperations('partner'),
): (text: string) => boolean {
  const allowed = new Set([
    stripIgnoredCharacters(partnerOperations),
    ...splitOperations('partner', partnerOperations).map(({ document }) => stripIgnoredCharacters(print(document))),
  ]);
  const judged = new Generations<boolean>(REMEMBERED);
  const longest = Math.max(...[...allowed].map(({ length }) => length)) * 4 + 10_000;
  return (text) => {
    if (text.length > longest) return false;
    let isAllowed = judged.get(text);
    if (isAllowed === undefined) {
      isAllowed = isAmong(allowed, text);
      judged.set(text, isAllowed, text.length);
    }
    return isAllowed;
  };
}

const REMEMBERED = { maxEntries: 200, maxWeight: 256 * 1024 };

function isAmong(allowed: ReadonlySet<string>, text: string): boolean {
  try {
    return allowed.has(stripIgnoredCharacters(text));
  } catch {
    return false;
  }
}
