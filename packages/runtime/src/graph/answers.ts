/** From a request's body to the answer's, with the codes and the statuses of Apollo Server: whoever reads them need not know which of both answers. */
import type { ExecutionResult, GraphQLError, GraphQLFormattedError } from 'graphql';
import type { RequestContext } from './context.ts';
import type { Documents } from './documents.ts';
import { presentError } from './errors.ts';

export interface Answer {
  readonly status: number;
  /** JSON. */
  readonly text: string;
}

/** A request that is none, refused before anything is looked up. */
export function refusalOf(status: number, code: string, message: string): Answer {
  return { status, text: JSON.stringify({ errors: [{ message, extensions: { code } }] }) };
}

export interface Asked {
  readonly query: string;
  readonly operationName: string | undefined;
  readonly variables: Record<string, unknown> | undefined;
}

/** `body` as parsed from JSON. */
export function readRequest(body: unknown): Asked | Answer {
  const refusal = (message: string) => refusalOf(400, 'BAD_REQUEST', message);
  if (Array.isArray(body)) return refusal('Operation batching disabled.');
  if (!isRecord(body) || Object.keys(body).length === 0) {
    return refusal('POST body missing, invalid Content-Type, or JSON object has no keys.');
  }
  const { query, operationName, variables, extensions } = body;
  if (query && typeof query !== 'string') return refusal('GraphQL queries must be strings.');
  for (const [name, value] of Object.entries({ variables, extensions })) {
    if (value != null && !isRecord(value)) return refusal(`\`${name}\` in a POST body must be an object if provided.`);
  }
  if (operationName != null && typeof operationName !== 'string') {
    return refusal('`operationName` in a POST body must be a string if provided.');
  }
  if (typeof query !== 'string' || query === '') {
    return refusal('GraphQL operations must contain a non-empty `query`.');
  }
  return { query, operationName: operationName ?? undefined, variables: isRecord(variables) ? variables : undefined };
}

/** Null: nobody waits for it any more. */
export async function answerTo(
  { query, operationName, variables }: Asked,
  documents: Documents,
  contextValue: RequestContext,
  isAbandoned: () => boolean,
): Promise<Answer | null> {
  const found = documents.operation(query, operationName);
  if ('errors' in found) return failure(found.errors, found.code, contextValue);
  // graphql-js would run one as a query and answer null.
  if (found.operation.operation === 'subscription') {
    const message = 'Subscriptions are served over a WebSocket, in the protocol graphql-transport-ws.';
    return refusalOf(400, 'SUBSCRIPTIONS_NOT_SERVED', message);
  }
  const result = await found.execute({ variables, contextValue, isAbandoned });
  if (isAbandoned()) return null;
  // Before anything is resolved there is but one thing to fail: the variables.
  if (result.data === undefined) return failure(result.errors ?? [], 'BAD_USER_INPUT', contextValue);
  return { status: 200, text: JSON.stringify(presented(result, contextValue)) };
}

function presented({ errors, data }: ExecutionResult, context: RequestContext) {
  return errors === undefined ? { data } : { errors: errors.map((error) => formatted(error, context)), data };
}

function failure(errors: readonly GraphQLError[], code: string, context: RequestContext): Answer {
  return { status: 400, text: JSON.stringify({ errors: errors.map((error) => formatted(error, context, code)) }) };
}

function formatted(error: GraphQLError, context: RequestContext, otherwise?: string): GraphQLFormattedError {
  const code = error.extensions.code ?? otherwise ?? 'INTERNAL_SERVER_ERROR';
  return presentError({ ...error.toJSON(), extensions: { ...error.extensions, code } }, error, context);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
