import type { GraphQLFormattedError } from 'graphql';
import { UpstreamFailure } from '../upstream/upstream.ts';
import type { Entity, Path } from './run.ts';

/** A subgraph's answer, known to have this shape. */
export interface SubgraphAnswer {
  readonly data: Entity | null;
  readonly errors: readonly SubgraphError[];
  /** Nothing else was in it: neither errors nor extensions. */
  readonly isDataAlone: boolean;
}

export interface SubgraphError {
  readonly message: string;
  /** In the subgraph's answer. */
  readonly path: Path | null;
  readonly extensions: Readonly<Record<string, unknown>>;
}

/** @throws UpstreamFailure when it is not a GraphQL answer */
export function readSubgraphAnswer(body: Buffer): SubgraphAnswer {
  const answer = parse(body);
  if (!isObject(answer) || !('data' in answer || 'errors' in answer))
    throw broken('the answer has neither data nor errors');
  const { data = null, errors } = answer;
  if (data !== null && !isObject(data)) throw broken('its data is not an object');
  if (errors === undefined || errors === null)
    return { data, errors: [], isDataAlone: Object.keys(answer).length === 1 };
  if (!Array.isArray(errors)) throw broken('its errors are not a list');
  return { data, errors: errors.map(readError), isDataAlone: false };
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch (cause) {
    throw broken(cause);
  }
}

export function broken(cause: unknown): UpstreamFailure {
  return new UpstreamFailure('SERVICE_UNAVAILABLE', cause instanceof Error ? cause : new Error(String(cause)));
}

export function isObject(value: unknown): value is Entity {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readError(error: unknown): SubgraphError {
  const { message, path, extensions } = isObject(error) ? error : ({} as Entity);
  return {
    message: typeof message === 'string' && message !== '' ? message : 'A part of the shop failed.',
    path: Array.isArray(path) && path.every(isStep) ? path : null,
    extensions: isObject(extensions) ? extensions : {},
  };
}

function isStep(step: unknown): step is string | number {
  return typeof step === 'string' || typeof step === 'number';
}

/** As it goes to the client: the code that the subgraph gave, or that it gave none. */
export function toClientError({ message, extensions }: SubgraphError, path: Path | null): GraphQLFormattedError {
  return {
    message,
    ...(path === null ? {} : { path }),
    extensions: { ...extensions, code: extensions.code ?? 'DOWNSTREAM_SERVICE_ERROR' },
  };
}
