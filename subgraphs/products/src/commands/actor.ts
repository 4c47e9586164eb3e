import type { Trace } from '@ebuy/events';
import { type Auditor, auditorOf, type RequestContext } from '@ebuy/runtime';

/** Who changes something, and what all of its events are traced to. */
export interface Actor {
  /** `user:<id>` or `client:<id>`: whose idempotency keys they are, and who stands in the stock's movements. */
  readonly principal: string;
  readonly trace: Trace;
  /** Makes their entries of the audit. */
  readonly audit: Auditor;
}

export function actorOf(context: RequestContext): Actor {
  const { caller, correlationId } = context;
  return {
    principal: `${caller.kind}:${caller.id ?? ''}`,
    trace: { correlationId, causationId: null },
    audit: auditorOf(context, { asStaff: true }),
  };
}
