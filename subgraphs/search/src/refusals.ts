import { Refusal } from '@ebuy/kernel';

/** Everything this subgraph refuses, with what it says unless a rule knows better: `extensions.code` of the GraphQL error. */
export const REFUSALS = {
  BAD_USER_INPUT: 'This cannot be searched for. Look at the arguments again.',
  CURSOR_INVALID: 'This cursor is not of this search. Start again without one.',
  CURSOR_EXPIRED: 'These results have been left for too long. Start again without a cursor.',
} as const;

export type RefusalCode = keyof typeof REFUSALS;

interface Particulars {
  readonly message?: string;
  readonly field?: readonly string[];
}

export function refusal(code: RefusalCode, { message, ...options }: Particulars = {}): Refusal<RefusalCode> {
  return new Refusal(code, message ?? REFUSALS[code], options);
}
