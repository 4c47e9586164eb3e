import type { Variables } from '../operations/known-operation.ts';

/** What a request asks, as far as it can be read. */
export interface Asked {
  readonly query: string | undefined;
  /** Of a persisted query. */
  readonly hash: string | undefined;
  readonly operationName: string | undefined;
  readonly variables: Variables;
  /** Each part is of the kind that it should be: nothing has to be said about it. */
  readonly isPlain: boolean;
}

const NO_VARIABLES: Variables = {};

/** @param body parsed JSON, whatever it is */
export function askedInBody(body: unknown): Asked {
  const { query, operationName, variables, extensions } = (isRecord(body) ? body : {}) as Readonly<
    Record<string, unknown>
  >;
  const persisted = persistedIn(extensions);
  return {
    query: textOrNothing(query),
    hash: textOrNothing(persisted?.sha256Hash),
    operationName: typeof operationName === 'string' ? operationName : undefined,
    variables: isRecord(variables) ? variables : NO_VARIABLES,
    isPlain:
      isRecord(body) &&
      isNothingOr(isText, query) &&
      isNothingOr(isText, operationName) &&
      isNothingOr(isRecord, variables) &&
      isNothingOr(isRecord, extensions) &&
      isSound(persisted),
  };
}

/** @param search as in a URL, with its question mark */
export function askedInSearch(search: string): Asked {
  const parameters = new URLSearchParams(search);
  const variables = jsonIn(parameters.get('variables'));
  const extensions = jsonIn(parameters.get('extensions'));
  const persisted = persistedIn(extensions);
  return {
    query: textOrNothing(parameters.get('query')),
    hash: textOrNothing(persisted?.sha256Hash),
    operationName: parameters.get('operationName') ?? undefined,
    variables: isRecord(variables) ? variables : NO_VARIABLES,
    isPlain:
      PARAMETERS.every((name) => parameters.getAll(name).length < 2) &&
      isNothingOr(isRecord, variables) &&
      isNothingOr(isRecord, extensions) &&
      isSound(persisted),
  };
}

const PARAMETERS = ['query', 'operationName', 'variables', 'extensions'] as const;

/** Undefined for what is not there; false, which nobody may send, for what is not JSON. */
function jsonIn(text: string | null): unknown {
  if (text === null) return undefined;
  try {
    return JSON.parse(text) ?? false;
  } catch {
    return false;
  }
}

interface Persisted {
  readonly version?: unknown;
  readonly sha256Hash?: unknown;
}

function persistedIn(extensions: unknown): Persisted | undefined {
  if (!isRecord(extensions)) return undefined;
  const { persistedQuery } = extensions as { persistedQuery?: Persisted | null };
  return persistedQuery ?? undefined;
}

function isSound(persisted: Persisted | undefined): boolean {
  return persisted === undefined || (persisted.version === 1 && textOrNothing(persisted.sha256Hash) !== undefined);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isNothingOr(isRight: (value: unknown) => boolean, value: unknown): boolean {
  return value === undefined || value === null || isRight(value);
}

function textOrNothing(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
