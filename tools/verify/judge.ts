import { setTimeout as sleep } from 'node:timers/promises';
import type { Check, Verdict } from './contract.ts';

export interface Judgement {
  readonly check: Check;
  readonly verdict: Verdict;
  readonly tookMs: number;
}

const AGAIN_AFTER_MS = 500;

/**
 * Runs every check. Read models follow their events with a delay, so a check that fails is run again until it holds or the time is up:
 * what is still wrong then is wrong.
 */
export const judge = async (
  checks: readonly Check[],
  { withinMs, onJudged }: { readonly withinMs: number; readonly onJudged?: (judgement: Judgement) => void },
): Promise<Judgement[]> => {
  const until = performance.now() + withinMs;
  const judgements: Judgement[] = [];
  for (const check of checks) {
    const judgement = await judgeOne(check, until);
    onJudged?.(judgement);
    judgements.push(judgement);
  }
  return judgements;
};

const judgeOne = async (check: Check, until: number): Promise<Judgement> => {
  for (;;) {
    const from = performance.now();
    const verdict = await check.run();
    const judgement = { check, verdict, tookMs: performance.now() - from };
    if (verdict.violations.length === 0 || performance.now() > until) return judgement;
    await sleep(AGAIN_AFTER_MS);
  }
};
