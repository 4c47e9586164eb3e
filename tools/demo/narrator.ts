// How the demo tells its story: plain lines, how long each step took, and evidence where something is not as told.
import { bold, dim, green, red } from '../terminal/progress.ts';

/** Something was not as the demo says it is. */
export class Surprise extends Error {
  override readonly name = 'Surprise';
  readonly evidence: unknown;

  constructor(told: string, evidence: unknown) {
    super(told);
    this.evidence = evidence;
  }
}

/** Goes on only when what was told is so. */
export function prove(isSo: boolean, told: string, evidence: unknown): asserts isSo {
  if (!isSo) throw new Surprise(told, evidence);
}

const WIDTH = 74;
let steps = 0;

export function chapter(title: string): void {
  console.log(`\n${bold(title)}\n${dim('─'.repeat(WIDTH))}`);
}

/** Does one thing and tells what the shopper sees, how long it took, and what happened behind. */
export async function step<Result>(
  title: string,
  work: () => Promise<Result>,
  tell: (result: Result) => readonly string[],
): Promise<Result> {
  steps += 1;
  const began = performance.now();
  const result = await work();
  const took = `${Math.round(performance.now() - began)} ms`;
  console.log(`${green('✓')} ${`${steps}.`.padStart(3)} ${title.padEnd(WIDTH - 16)}${took.padStart(9)}`);
  for (const line of tell(result)) console.log(`      ${line}`);
  return result;
}

/** A line about what the services did, for `tell`. */
export const behind = (text: string): string => dim(`· ${text}`);

export function fail(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  console.error(`\n${red('✗')} ${bold('Not as told:')} ${message}`);
  if (error instanceof Surprise) console.error(JSON.stringify(error.evidence, null, 2));
}
