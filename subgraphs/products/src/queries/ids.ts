import { isId } from '@ebuy/kernel';
import { refuseQuery } from '../refusals.ts';

const MAX_AT_ONCE = 100;

/** The ids that could name something of ours, each once, in PostgreSQL's spelling. Refuses more than 100. */
export function knownIds(ids: readonly string[]): string[] {
  if (ids.length > MAX_AT_ONCE) refuseQuery('TOO_MANY_IDS');
  return [...new Set(ids.filter(isId).map((id) => id.toLowerCase()))];
}
