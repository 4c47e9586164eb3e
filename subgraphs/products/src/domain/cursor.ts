import { isId } from '@ebuy/kernel';
import { refuseQuery } from '../refusals.ts';

/** The lists that give out cursors; a cursor counts for its own list only. */
export type ListName = 'published' | 'changes' | 'staff';

/** The place of a product in a list: its id, and where the list goes by time, that. */
export interface Place {
  readonly id: string;
  /** ISO 8601, UTC, milliseconds; null in lists that go by id alone. */
  readonly at: string | null;
}

const MAX_CHARACTERS = 200;

/** Opaque to clients: base64url of JSON. */
export function cursorOf(list: ListName, { id, at }: Place): string {
  return Buffer.from(JSON.stringify(at === null ? [list, id] : [list, id, at])).toString('base64url');
}

/** Refuses whatever `cursorOf` did not give out for this list. */
export function placeOf(list: ListName, cursor: string): Place {
  const place = cursor.length <= MAX_CHARACTERS ? parse(cursor) : null;
  if (place === null || place.list !== list || (list === 'changes') !== (place.at !== null)) {
    refuseQuery('INVALID_CURSOR');
  }
  return { id: place.id, at: place.at };
}

function parse(cursor: string): (Place & { list: string }) | null {
  if (!/^[A-Za-z0-9_-]+$/.test(cursor)) return null;
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    return null;
  }
  if (!Array.isArray(json) || json.length < 2 || json.length > 3) return null;
  const [list, id, at = null] = json as unknown[];
  if (typeof list !== 'string' || typeof id !== 'string' || !isId(id)) return null;
  if (at !== null && !isMoment(at)) return null;
  return { list, id, at };
}

function isMoment(at: unknown): at is string {
  if (typeof at !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(at)) return false;
  const time = Date.parse(at);
  return !Number.isNaN(time) && new Date(time).toISOString() === at;
}
