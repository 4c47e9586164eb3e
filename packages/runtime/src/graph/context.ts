import type { Caller } from '@ebuy/kernel';
import type { Logger } from '../logger.ts';

/** What every resolver is given. */
export interface RequestContext {
  readonly caller: Caller;
  /** The service that asks: the router, or another subgraph. */
  readonly service: string;
  readonly correlationId: string;
  /** Where the caller's request came from, as the router saw it; null where nobody said. For the audit alone: it is personal. */
  readonly clientAddress: string | null;
  readonly logger: Logger;
}

/**
 * Something made once a request, on first use: a DataLoader above all.
 *
 * @example const pricesOf = perRequest((context) => new DataLoader((ids) => readPrices(ids, context)));
 */
export function perRequest<Made>(make: (context: RequestContext) => Made): (context: RequestContext) => Made {
  const made = new WeakMap<RequestContext, Made>();
  return (context) => {
    let one = made.get(context);
    if (one === undefined) {
      one = make(context);
      made.set(context, one);
    }
    return one;
  };
}
