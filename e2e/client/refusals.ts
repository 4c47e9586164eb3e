// What an answer refuses, by code, wherever the refusal stands; and that it is a refusal, never a failure.

import type { UserError } from '@ebuy/tools/demo/shapes.ts';
import type { Answer } from '@ebuy/tools/demo/visitor.ts';
import { expect } from '@jest/globals';

const FAILURES = ['INTERNAL_SERVER_ERROR', 'SERVICE_UNAVAILABLE'];

/** Codes of the GraphQL errors, then of the user errors of the root fields. Fails when one of them is no refusal, or has no code or words. */
export function refusalsIn(answer: Answer<unknown>): string[] {
  const userErrors = Object.values(answer.result ?? {}).flatMap(
    (payload: { userErrors?: readonly UserError[] } | null) => payload?.userErrors ?? [],
  );
  for (const { message } of [...answer.errors, ...userErrors]) {
    expect(message).toEqual(expect.stringMatching(/\w/));
    expect(message.length).toBeLessThan(2_000);
  }
  const codes = [...answer.errors.map(({ extensions }) => extensions?.code), ...userErrors.map(({ code }) => code)];
  for (const code of codes) {
    expect(code).toEqual(expect.any(String));
    expect(FAILURES).not.toContain(code);
  }
  expect(answer.status).toBeLessThan(500);
  return codes as string[];
}
