import { type Caller, hasScope } from '@ebuy/kernel';
import { queryRefusal } from '../refusals.ts';
import type { Review } from './review.ts';

/** The shopper who posts. A partner's machine is refused: it has bought nothing, and its word would stand for nobody's. */
export function authorOf(caller: Caller): string {
  if (caller.kind !== 'user' || caller.id === null) throw queryRefusal('FORBIDDEN');
  return caller.id;
}

/** What is not published is seen by its author and by staff. */
export function maySee(review: Review, caller: Caller): boolean {
  if (review.status === 'PUBLISHED' || hasScope(caller, 'reviews:moderate')) return true;
  return caller.kind === 'user' && caller.id !== null && caller.id === review.userId;
}
