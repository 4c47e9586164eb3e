import { findBreakingChanges, type GraphQLSchema } from 'graphql';

/** A change of the graph that may break a client's operation. */
export interface BreakingChange {
  /** graphql's category, such as FIELD_REMOVED. */
  readonly type: string;
  /** What changed, in graphql's words: together with the type it names the change. */
  readonly description: string;
}

/** One line of accepted-breaking-changes.json: a breaking change that someone answers for. */
export interface AcceptedChange extends BreakingChange {
  /** Why no client breaks, or why it may. */
  readonly reason: string;
}

/**
 * What of the new schema would break clients of the committed one and was not accepted.
 *
 * @param before the API schema clients were promised
 * @param after the API schema they would get
 */
export function findUnacceptedChanges(
  before: GraphQLSchema,
  after: GraphQLSchema,
  accepted: readonly AcceptedChange[],
): BreakingChange[] {
  const named = new Set(accepted.map(nameOf));
  return findBreakingChanges(before, after)
    .map(({ type, description }) => ({ type, description }))
    .filter((change) => !named.has(nameOf(change)));
}

/**
 * Reads the list of accepted changes.
 *
 * @param json the text of accepted-breaking-changes.json
 * @throws Error when a line lacks its type, description or reason
 */
export function parseAcceptedChanges(json: string): AcceptedChange[] {
  const lines: unknown = JSON.parse(json);
  if (!Array.isArray(lines)) throw new Error('accepted-breaking-changes.json must be a list.');
  return lines.map((line: Partial<Record<keyof AcceptedChange, unknown>> | null, index) => {
    const { type, description, reason } = line ?? {};
    if (
      typeof type !== 'string' ||
      typeof description !== 'string' ||
      typeof reason !== 'string' ||
      reason.trim() === ''
    ) {
      throw new Error(`accepted-breaking-changes.json, line ${index + 1}: give type, description and reason as text.`);
    }
    return { type, description, reason };
  });
}

function nameOf({ type, description }: BreakingChange): string {
  return `${type} ${description}`;
}
