import { setTimeout as sleep } from 'node:timers/promises';
import type { Check, Verdict } from './contract.ts';
import { Look } from './look.ts';

export interface Judgement {
  readonly check: Check;
  readonly verdict: Verdict;
  readonly tookMs: number;
}

export interface JudgeOptions {
  /** How long what is on its way may take to arrive. */
  readonly withinMs: number;
  /** Told of each check once it is judged, in the order in which they were given. */
  readonly onJudged?: (judgement: Judgement) => void;
}

const AGAIN_AFTER_MS = 500;

/**
 * Runs every check. Read models follow their events with a delay, so a check that fails is run again, in a round that reads all anew,
 * until it holds or the time is up: what is still wrong then is wrong.
 */
export const judge = async (checks: readonly Check[], { withinMs, onJudged }: JudgeOptions): Promise<Judgement[]> => {
  const until = performance.now() + withinMs;
  const judgements: (Judgement | undefined)[] = checks.map(() => undefined);
  let told = 0;
  for (;;) {
    const isLast = performance.now() >= until;
    const look = new Look();
    for (const [index, check] of checks.entries()) {
      if (judgements[index] !== undefined) continue;
      const judgement = await judgeOne(check, look).catch((error: unknown) => {
        // An engine that is just coming back is looked at again, too.
        if (isLast) throw error;
        return null;
      });
      if (judgement === null) continue;
      if (isLast || judgement.verdict.violations.length === 0) judgements[index] = judgement;
      for (let next = judgements[told]; next !== undefined; next = judgements[told]) {
        onJudged?.(next);
        told += 1;
      }
    }
    if (told === checks.length) return judgements as Judgement[];
    await sleep(AGAIN_AFTER_MS);
  }
};

const judgeOne = async (check: Check, look: Look): Promise<Judgement> => {
  const from = performance.now();
  const verdict = await check.run(look);
  return { check, verdict, tookMs: performance.now() - from };
};
