import type { GatewayExecutor } from '@apollo/server-gateway-interface';
import type { Operations } from '../operations/operations.ts';
import type { GraphContext } from './context.ts';

/**
 * Stands where Apollo would execute: notes what is to be executed, and executes nothing. Whoever sent the request through the pipeline
 * does that, the same way for an operation that is new and for one that is known.
 */
export function createAdmission(operations: Operations): GatewayExecutor {
  return async ({ schema, source, document, request, queryHash, context }) => {
    const { admission, ...asker } = context as unknown as GraphContext;
    const outcome = operations.admit(
      {
        schema,
        text: source,
        document,
        operationName: request.operationName,
        variables: request.variables ?? {},
        persistedHash: request.extensions?.persistedQuery === undefined ? undefined : queryHash,
      },
      asker,
    );
    if ('errors' in outcome) return { errors: outcome.errors };
    admission.admitted = outcome;
    return { data: {} };
  };
}
