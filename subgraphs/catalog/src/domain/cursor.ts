/**
 * Places in lists, as clients keep them: opaque, each for its own list. A cursor is base64url of JSON: the version of this form, the
 * list, what the place is made of, and a check sum over all of it, so that one that was altered is refused instead of leading elsewhere.
 */
import { isId } from '@ebuy/kernel';
import { refuseQuery } from '../refusals.ts';

const FORM = 1;
const MAX_CHARACTERS = 300;

type Part = string | number;

/** After this product, in lists that go by id alone. */
export interface PlaceById {
  readonly id: string;
}

/** After this product, in lists that go by time and then by id. */
export interface PlaceByTime {
  readonly at: string;
  readonly id: string;
}

/** In a collection: among those by hand (and where, in case that the product is taken out), or among the others. */
export type PlaceInCollection =
  | { readonly part: 'hand'; readonly id: string; readonly index: number }
  | { readonly part: 'rest'; readonly at: string; readonly id: string };

export const publishedCursor = {
  of: ({ id }: PlaceById): string => encode('published', [id]),
  read: (cursor: string): PlaceById => {
    const [id] = decode('published', cursor, 1);
    return isProductId(id) ? { id } : refuseCursor();
  },
};

export const changesCursor = {
  of: ({ at, id }: PlaceByTime): string => encode('changes', [at, id]),
  read: (cursor: string): PlaceByTime => {
    const [at, id] = decode('changes', cursor, 2);
    return isMoment(at) && isProductId(id) ? { at, id } : refuseCursor();
  },
};

export const collectionsCursor = {
  of: ({ id }: PlaceById): string => encode('collections', [id]),
  read: (cursor: string): PlaceById => {
    const [id] = decode('collections', cursor, 1);
    return isProductId(id) ? { id } : refuseCursor();
  },
};

export const membersCursor = {
  of: (collectionId: string, place: PlaceInCollection): string =>
    encode(`members/${collectionId}`, [place.part, place.id, place.part === 'hand' ? place.index : place.at]),
  read: (collectionId: string, cursor: string): PlaceInCollection => {
    const [part, id, where] = decode(`members/${collectionId}`, cursor, 3);
    if (!isProductId(id)) return refuseCursor();
    if (part === 'hand' && Number.isInteger(where)) return { part, id, index: where as number };
    if (part === 'rest' && isMoment(where)) return { part, id, at: where };
    return refuseCursor();
  },
};

function encode(list: string, parts: readonly Part[]): string {
  const told = [FORM, list, ...parts];
  return Buffer.from(JSON.stringify([...told, checkSum(told)])).toString('base64url');
}

function decode(list: string, cursor: string, length: number): Part[] {
  if (cursor.length > MAX_CHARACTERS || !/^[A-Za-z0-9_-]+$/.test(cursor)) return refuseCursor();
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    return refuseCursor();
  }
  if (!Array.isArray(json) || json.length !== length + 3) return refuseCursor();
  const told = json.slice(0, -1) as Part[];
  if (told[0] !== FORM || told[1] !== list || json.at(-1) !== checkSum(told)) return refuseCursor();
  return told.slice(2);
}

function refuseCursor(): never {
  return refuseQuery('INVALID_CURSOR');
}

/** FNV-1a, 32 bits: against accidents, not against an attacker, who would win nothing but another place in a public list. */
function checkSum(told: readonly Part[]): number {
  let sum = 0x811c9dc5;
  for (const character of JSON.stringify(told)) {
    sum = Math.imul(sum ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  }
  return sum;
}

function isProductId(part: Part | undefined): part is string {
  return typeof part === 'string' && isId(part);
}

function isMoment(part: Part | undefined): part is string {
  if (typeof part !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(part)) return false;
  const time = Date.parse(part);
  return !Number.isNaN(time) && new Date(time).toISOString() === part;
}
