/** Runs a subscription: each event is an operation of its own, and its errors leave as those of queries do. */
import {
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  type FormattedExecutionResult,
  GraphQLError,
  type GraphQLFormattedError,
} from 'graphql';
import type { RequestContext } from './context.ts';
import { presentError } from './errors.ts';

/**
 * As graphql-js' `subscribe`, but for two things. Every event has a context of its own: what is made once a request (perRequest) would
 * else show each event the state of the first. And the stream can be ended while it waits.
 */
export async function runSubscription(
  args: ExecutionArgs & { readonly contextValue: RequestContext },
): Promise<AsyncIterableIterator<ExecutionResult, undefined> | ExecutionResult> {
  const source = await createSourceEventStream(args);
  if (!(Symbol.asyncIterator in source)) return source;
  const events = source[Symbol.asyncIterator]();
  const finish = async () => {
    await events.return?.();
    return { done: true, value: undefined } as const;
  };
  const results: AsyncIterableIterator<ExecutionResult, undefined> = {
    async next() {
      const event = await events.next();
      if (event.done) return { done: true, value: undefined };
      return {
        done: false,
        value: await execute({ ...args, rootValue: event.value, contextValue: { ...args.contextValue } }),
      };
    },
    return: finish,
    async throw(error) {
      await finish();
      throw error;
    },
    [Symbol.asyncIterator]: () => results,
  };
  return results;
}

/** A payload with its errors masked. */
export function presentResult(
  {
    data,
    errors,
  }: {
    readonly data?: Record<string, unknown> | null | undefined;
    readonly errors?: readonly GraphQLError[] | undefined;
  },
  context: RequestContext,
): FormattedExecutionResult {
  const payload = data === undefined ? {} : { data };
  return errors === undefined ? payload : { ...payload, errors: presentErrors(errors, context) };
}

/** Errors of a whole subscription: it could not begin, or its stream broke off. */
export function presentErrors(errors: readonly GraphQLError[], context: RequestContext): GraphQLFormattedError[] {
  return errors.map((error) => presentError(error.toJSON(), located(error), context));
}

/** graphql-ws wraps what a stream throws without a path, and an error without one counts as the graph's own words. */
function located(error: GraphQLError): GraphQLError {
  let cause: Error = error;
  while (cause instanceof GraphQLError && cause.originalError) cause = cause.originalError;
  return cause instanceof GraphQLError
    ? cause
    : new GraphQLError(error.message, { originalError: cause, path: error.path ?? [] });
}
