/** How failures leave a subgraph: refusals with their code, everything else masked, with the correlation id to find it by. */
import { Fault, Refusal } from '@ebuy/kernel';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { isTransientPostgresError } from '../postgres/transience.ts';
import type { RequestContext } from './context.ts';

/** `formatted` as a client may see it: masks what only we can mend and logs it once. */
export function presentError(
  formatted: GraphQLFormattedError,
  error: unknown,
  context: RequestContext,
): GraphQLFormattedError {
  const cause = causeOf(error);
  if (cause instanceof Refusal) return shown(formatted, cause.message, cause.code, context);
  if (cause instanceof Fault || isTransientPostgresError(cause)) {
    context.logger.warn(
      { err: cause, correlationId: context.correlationId, path: formatted.path },
      'a fault reached a caller',
    );
    return shown(
      formatted,
      'This part of the shop is unavailable right now. Try again in a moment.',
      'SERVICE_UNAVAILABLE',
      context,
    );
  }
  if (cause instanceof GraphQLError && formatted.extensions?.code !== 'INTERNAL_SERVER_ERROR') return formatted;
  context.logger.error({ err: cause, correlationId: context.correlationId, path: formatted.path }, 'a resolver failed');
  return shown(formatted, 'Something went wrong on our side.', 'INTERNAL_SERVER_ERROR', context);
}

/** What a resolver threw; errors without a path come from no resolver. */
function causeOf(error: unknown): unknown {
  return error instanceof GraphQLError && error.path && error.originalError ? error.originalError : error;
}

function shown(
  formatted: GraphQLFormattedError,
  message: string,
  code: string,
  context: RequestContext,
): GraphQLFormattedError {
  const { locations, path } = formatted;
  return {
    message,
    ...(locations ? { locations } : {}),
    ...(path ? { path } : {}),
    extensions: { code, correlationId: context.correlationId },
  };
}

/** A user error as the schema's `UserError` types have it. */
export interface UserErrorShape<Code extends string> {
  readonly code: Code;
  readonly message: string;
  readonly field: string[] | null;
}

/**
 * Runs a command for a mutation's payload: `{ [result], userErrors: [] }`, or on a Refusal the error and, as the result, the current
 * state that the refusal carries. Faults and bugs pass through and empty the mutation's field.
 */
export async function payloadOf<Name extends string, Result, Code extends string = never>(
  result: Name,
  run: () => Promise<Result>,
): Promise<{ [Key in Name]: Result | null } & { userErrors: UserErrorShape<Code>[] }> {
  try {
    return { [result]: await run(), userErrors: [] } as unknown as { [Key in Name]: Result } & { userErrors: [] };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const userError = {
      code: error.code as Code,
      message: error.message,
      field: error.field === null ? null : [...error.field],
    };
    return { [result]: error.current as Result | null, userErrors: [userError] } as unknown as {
      [Key in Name]: Result | null;
    } & { userErrors: UserErrorShape<Code>[] };
  }
}
