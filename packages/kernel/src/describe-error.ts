import { types } from 'node:util';

/** What a log or a dead letter may tell of an error. */
interface ErrorDescription {
  readonly type: string;
  readonly message: string;
  /** SQLSTATE, Prisma's or Node's code; where the error has one. */
  readonly code?: string | number;
  readonly stack?: string;
  readonly cause?: ErrorDescription;
}

const MAX_CHARACTERS = 2_000;
const MAX_DEPTH = 4;

/**
 * Describes an error by its name, message, code and place, and nothing else of it: drivers hang whole rows on theirs (PostgreSQL's
 * "Failing row contains …"), and Prisma quotes the call with its arguments in front of what it has to say.
 */
export function describeError(error: unknown, depth = MAX_DEPTH): ErrorDescription {
  if (!isError(error)) return { type: typeof error, message: String(error).slice(0, MAX_CHARACTERS) };
  const { code } = error as { code?: unknown };
  const stack = error.stack?.split('\n').filter((line) => /^\s+at /.test(line));
  return {
    type: error.name,
    message: withoutCall(error.message).slice(0, MAX_CHARACTERS),
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(stack?.length ? { stack: stack.join('\n') } : {}),
    ...(error.cause === undefined || depth <= 1 ? {} : { cause: describeError(error.cause, depth - 1) }),
  };
}

/** Prisma: the call, its arguments, and then, as the last paragraph, the reason. */
function withoutCall(message: string): string {
  return /^\s*Invalid `[^`]+` invocation/.test(message) ? (message.trim().split('\n\n').at(-1) ?? '') : message;
}

function isError(error: unknown): error is Error {
  return error instanceof Error || types.isNativeError(error);
}
