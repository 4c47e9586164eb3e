// A client that does not give up: it asks again, with the same idempotency key, until it has an answer.
import { setTimeout as sleep } from 'node:timers/promises';
import type { UserError } from '@ebuy/tools/demo/shapes.ts';
import { type Visitor, visit } from '@ebuy/tools/demo/visitor.ts';

export const ANSWER_DEADLINE_MS = 240_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1_000;

/** A request that was never answered: the shop did not recover. */
export class Unanswered extends Error {
  constructor(what: string, cause: unknown) {
    super(
      `${what}: no answer within ${ANSWER_DEADLINE_MS / 1_000} s, at last ${cause instanceof Error ? cause.message : cause}`,
    );
  }
}

export interface Insistence {
  /** Told each time it has to ask again. */
  readonly onRepeat: () => void;
  /** Ends everything that still waits. */
  readonly signal: AbortSignal;
}

export async function insist<Answer>(
  what: string,
  ask: () => Promise<Answer>,
  { onRepeat, signal }: Insistence,
): Promise<Answer> {
  const deadline = performance.now() + ANSWER_DEADLINE_MS;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    signal.throwIfAborted();
    try {
      const answer = await ask();
      if (!isInUse(answer)) return answer;
      throw new Error('the first request with this key still runs');
    } catch (error) {
      if (performance.now() > deadline) throw new Unanswered(what, error);
      onRepeat();
      await sleep(pauseMs, undefined, { signal });
    }
  }
}

/** Its outcome is on its way: a client asks again. */
function isInUse(answer: unknown): boolean {
  const { userErrors = [] } = (answer ?? {}) as { userErrors?: readonly UserError[] };
  return userErrors.some(({ code }) => code === 'IDEMPOTENCY_KEY_IN_USE');
}

/** A visitor who knocks at all doors of the shop in turn. */
export function visitInTurn(doors: readonly string[], accessToken?: string): Visitor {
  const visitors = doors.map((door) => visit(door, accessToken));
  let turn = 0;
  const next = (): Visitor => {
    turn += 1;
    const visitor = visitors[turn % visitors.length];
    if (visitor === undefined) throw new Error('The shop has no door');
    return visitor;
  };
  return {
    ask: (query, variables) => next().ask(query, variables),
    get: (query, variables) => next().get(query, variables),
  };
}
