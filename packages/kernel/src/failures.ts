/**
 * The three ways something can go wrong.
 *
 * - {@link Refusal}: the caller can do something about it. It becomes a user error of the mutation's payload,
 *   or, where a query refuses, a GraphQL error with the same code.
 * - {@link Fault}: the world failed. It becomes a masked GraphQL error, or a retry when it was an event.
 * - Anything else is a bug, and stops at the one border that logs it with its correlation id.
 */

/** The caller can do something about it. `message` says what, and never repeats hostile input unbounded. */
export class Refusal<Code extends string = string> extends Error {
  override readonly name = 'Refusal';
  readonly code: Code;
  /** Path of the input field at fault, as in `['lines', '0', 'quantity']`; null when it is none in particular. */
  readonly field: readonly string[] | null;
  /** The state as it is now, for refusals that show it (`VERSION_CONFLICT`, `TOTAL_CHANGED`). */
  readonly current: unknown;

  constructor(code: Code, message: string, options: { field?: readonly string[]; current?: unknown } = {}) {
    super(message);
    this.code = code;
    this.field = options.field ?? null;
    this.current = options.current ?? null;
  }
}

/** What a refusal says beyond its code. */
export interface Particulars {
  /** Instead of what its catalogue says. */
  readonly message?: string;
  readonly field?: readonly string[];
  readonly current?: unknown;
}

/** Makes the refusals of one catalogue: by code, what is said when nothing more precise is known. */
export function refusalsOf<Code extends string>(catalogue: Readonly<Record<Code, string>>) {
  return (code: Code, { message = catalogue[code], ...particulars }: Particulars = {}): Refusal<Code> =>
    new Refusal(code, message, particulars);
}

/** The world failed: an engine away, a deadline passed, an answer that makes no sense. */
export class Fault extends Error {
  override readonly name = 'Fault';
  /** Whether the same call may succeed later. A reaction retries such an event; others are poison. */
  readonly retryable: boolean;

  constructor(message: string, options: { cause?: unknown; retryable: boolean }) {
    super(message, { cause: options.cause });
    this.retryable = options.retryable;
  }
}
