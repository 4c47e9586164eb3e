/** One operation while it is executed: what its fields share, and the errors they have met. */
import type { GraphQLError, GraphQLResolveInfo } from 'graphql';

/** As graphql-js' own: from the field at hand back to the root. */
export type Path = GraphQLResolveInfo['path'];

export class Abandoned extends Error {
  constructor() {
    super('Nobody waits for the answer any more.');
  }
}

export class Run {
  readonly rootValue: unknown;
  readonly contextValue: unknown;
  /** Coerced. */
  readonly variables: Record<string, unknown>;
  readonly errors: GraphQLError[] = [];
  readonly #isAbandoned: () => boolean;
  readonly #positions = new Set<Path | undefined>();

  constructor(
    rootValue: unknown,
    contextValue: unknown,
    variables: Record<string, unknown>,
    isAbandoned: () => boolean,
  ) {
    this.rootValue = rootValue;
    this.contextValue = contextValue;
    this.variables = variables;
    this.#isAbandoned = isAbandoned;
  }

  /** Before a resolver is called. @throws Abandoned when nobody waits for the answer any more */
  assertAwaited(): void {
    if (this.#isAbandoned()) throw new Abandoned();
  }

  /** Keeps the error unless its place, or one above, has been emptied before. */
  add(error: GraphQLError, at: Path | undefined): void {
    if (this.#positions.has(undefined)) return;
    for (let path = at; path !== undefined; path = path.prev) if (this.#positions.has(path)) return;
    this.#positions.add(at);
    this.errors.push(error);
  }
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
    typeof (value as { then?: unknown }).then === 'function'
  );
}

/** What resolvers give need only have a `then`; what is done with it here needs a whole promise. */
export function promised(value: PromiseLike<unknown>): Promise<unknown> {
  return value instanceof Promise ? value : Promise.resolve(value);
}
