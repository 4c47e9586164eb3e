import { isId } from '@ebuy/kernel';
import { refuseQuery } from '../refusals.ts';

const LIST = 'staff';
const MAX_CHARACTERS = 200;

/** The place of a product in the staff's list, opaque to clients: base64url of JSON. */
export function cursorOf(id: string): string {
  return Buffer.from(JSON.stringify([LIST, id])).toString('base64url');
}

/** The id of the product that the cursor stands at. Refuses whatever `cursorOf` did not give out. */
export function placeOf(cursor: string): string {
  const id = cursor.length <= MAX_CHARACTERS ? parse(cursor) : null;
  if (id === null) refuseQuery('INVALID_CURSOR');
  return id;
}

function parse(cursor: string): string | null {
  if (!/^[A-Za-z0-9_-]+$/.test(cursor)) return null;
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    return null;
  }
  if (!Array.isArray(json) || json.length !== 2) return null;
  const [list, id] = json as unknown[];
  return list === LIST && typeof id === 'string' && isId(id) ? id : null;
}
