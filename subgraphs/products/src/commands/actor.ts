import type { Trace } from '@ebuy/events';
import type { RequestContext } from '@ebuy/runtime';

/** Who changes something, and what all of its events are traced to. */
export interface Actor {
  /** `user:<id>` or `client:<id>`: whose idempotency keys they are, and who stands in the stock's movements. */
  readonly principal: string;
  readonly trace: Trace;
}

export function actorOf({ caller, correlationId }: RequestContext): Actor {
  return { principal: `${caller.kind}:${caller.id ?? ''}`, trace: { correlationId, causationId: null } };
}
