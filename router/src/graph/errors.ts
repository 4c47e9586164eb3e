import type { GraphQLFormattedError } from 'graphql';

const MASKED_MESSAGE = 'Something went wrong on our side. Tell us the correlation id if it happens again.';

/** Codes whose message was written for nobody outside: they say how we failed. */
const OURS: ReadonlySet<unknown> = new Set(['INTERNAL_SERVER_ERROR', 'DOWNSTREAM_SERVICE_ERROR', undefined]);

/** What of an error's extensions a client may see beside its code. */
const SHOWN = ['argumentName', 'retryAfterSeconds'] as const;

/**
 * How every error leaves the router: message, path, code and the correlation id to find it by; no stack, no subgraph, no host.
 * Outside production a failure of ours keeps its message.
 */
export function presentError(
  formatted: GraphQLFormattedError,
  isProduction: boolean,
  correlationId: string | undefined,
): GraphQLFormattedError {
  const code = formatted.extensions?.code;
  const isOurs = OURS.has(code);
  return {
    message: isOurs && isProduction ? MASKED_MESSAGE : formatted.message,
    ...(formatted.locations === undefined ? {} : { locations: formatted.locations }),
    ...(formatted.path === undefined ? {} : { path: formatted.path }),
    extensions: {
      ...Object.fromEntries(
        SHOWN.filter((name) => formatted.extensions?.[name] !== undefined).map((name) => [
          name,
          formatted.extensions?.[name],
        ]),
      ),
      code: isOurs ? 'INTERNAL_SERVER_ERROR' : code,
      correlationId,
    },
  };
}

const NONE: readonly string[] = [];

/** What an answer's errors leave in the request's record. */
export function codesOf(errors: readonly Pick<GraphQLFormattedError, 'extensions'>[]): readonly string[] {
  if (errors.length === 0) return NONE;
  return [...new Set(errors.map(({ extensions }) => String(extensions?.code ?? 'INTERNAL_SERVER_ERROR')))].slice(0, 10);
}
