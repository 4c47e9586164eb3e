import { refusalsOf } from '@ebuy/kernel';

/** Everything this subgraph refuses, with what it says unless a rule knows better: `extensions.code` of the GraphQL error. */
export const REFUSALS = {
  BAD_USER_INPUT: 'This cannot be searched for. Look at the arguments again.',
  CURSOR_INVALID: 'This cursor is not of this search. Start again without one.',
  CURSOR_EXPIRED: 'These results have been left for too long. Start again without a cursor.',
} as const;

export const refusal = refusalsOf(REFUSALS);
