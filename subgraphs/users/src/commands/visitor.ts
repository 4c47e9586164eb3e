import type { Trace } from '@ebuy/events';
import type { RequestContext } from '@ebuy/runtime';
import { displayNameFromToken, emailFromToken, isSubject } from '../domain/checks.ts';
import { refuse } from '../refusals.ts';

/** A person who is signed in, as their token describes them. */
export interface Visitor {
  readonly id: string;
  readonly email: string | null;
  readonly displayName: string | null;
  /** What the events that they cause are traced to. */
  readonly trace: Trace;
}

/** Null for guests and machines. */
export function visitorOf({ caller, correlationId }: RequestContext): Visitor | null {
  if (caller.kind !== 'user' || !isSubject(caller.id)) return null;
  return {
    id: caller.id,
    email: emailFromToken(caller.email),
    displayName: displayNameFromToken(caller.displayName),
    trace: { correlationId, causationId: null },
  };
}

export function requiredVisitor(context: RequestContext): Visitor {
  return visitorOf(context) ?? refuse('FORBIDDEN');
}
