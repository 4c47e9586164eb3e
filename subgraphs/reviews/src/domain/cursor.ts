import { isId } from '@ebuy/kernel';
import { queryRefusal } from '../refusals.ts';

/** The lists that give out cursors; a cursor counts for its own list only. */
export type ListName = 'product' | 'staff';

/** A review's place in a list, the latest first: when it was posted, then its id. Neither ever changes. */
export interface Position {
  readonly id: string;
  readonly createdAt: Date;
}

const MAX_CHARACTERS = 120;

/** Opaque to clients: base64url of JSON. */
export function cursorOf(list: ListName, { id, createdAt }: Position): string {
  return Buffer.from(JSON.stringify([list, createdAt.getTime(), id])).toString('base64url');
}

/** Refuses whatever `cursorOf` did not give out for this list. */
export function positionOf(list: ListName, cursor: string): Position {
  const position = cursor.length <= MAX_CHARACTERS ? parse(list, cursor) : null;
  if (position === null) throw queryRefusal('INVALID_CURSOR');
  return position;
}

function parse(list: ListName, cursor: string): Position | null {
  if (!/^[A-Za-z0-9_-]+$/.test(cursor)) return null;
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    return null;
  }
  if (!Array.isArray(json) || json.length !== 3) return null;
  const [name, time, id] = json as unknown[];
  if (name !== list || typeof id !== 'string' || !isId(id)) return null;
  if (typeof time !== 'number' || !Number.isInteger(time) || Math.abs(time) > 8.64e15) return null;
  return { id, createdAt: new Date(time) };
}
