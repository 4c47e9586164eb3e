import type { GraphQLFormattedError } from 'graphql';
import type { DeferredAnswer } from '../executor/deferral.ts';

/** What Apollo's clients say when they take an answer in parts, and the version of the proposal that they know. */
const ACCEPTS_PARTS = /multipart\/mixed\s*;(?:[^,]*;)?\s*deferSpec\s*=\s*"?20220824"?/i;

export const PARTS_CONTENT_TYPE = 'multipart/mixed; boundary="-"; deferSpec=20220824';

export function acceptsParts(accept: string | undefined): boolean {
  return accept !== undefined && ACCEPTS_PARTS.test(accept);
}

const PART_HEAD = 'content-type: application/json; charset=utf-8\r\n\r\n';

/**
 * A deferred answer as the parts of a multipart/mixed body (RFC 2046), in the format of the incremental delivery proposal of 2022-08-24:
 * the answer so far, then what was deferred as it comes.
 *
 * @param present errors as they leave the router
 */
export async function* toParts(
  { data, errors, increments }: DeferredAnswer,
  present: (errors: readonly GraphQLFormattedError[]) => readonly GraphQLFormattedError[],
): AsyncGenerator<string> {
  const withErrors = (some: readonly GraphQLFormattedError[]) => (some.length === 0 ? {} : { errors: present(some) });
  yield `\r\n---\r\n${PART_HEAD}${JSON.stringify({ ...withErrors(errors), data, hasNext: true })}\r\n---\r\n`;
  for await (const some of increments) {
    const incremental = some.map(({ path, label, data: later, errors: its }) => ({
      ...(label === null ? {} : { label }),
      path,
      data: later,
      ...withErrors(its),
    }));
    yield `${PART_HEAD}${JSON.stringify({ hasNext: true, incremental })}\r\n---\r\n`;
  }
  yield `${PART_HEAD}{"hasNext":false}\r\n-----\r\n`;
}
