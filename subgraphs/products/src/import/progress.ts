import type { ImportProgress } from '../store/imports.ts';
import type { ImportProblem } from './problem.ts';

const MAX_PROBLEMS = 1_000;
const CONTROL_BUT_LAYOUT = /[^\P{Cc}\t\n\r]/gu;

/** Counts what becomes of a file, and keeps the first of its problems by line. */
export class Progress {
  linesRead = 0;
  readonly outcomes = { created: 0, updated: 0, unchanged: 0 };
  #problems: ImportProblem[] = [];
  #problemCount = 0;

  add(problems: readonly ImportProblem[]): void {
    this.#problemCount += problems.length;
    for (const problem of problems) this.#problems.push(problem);
    if (this.#problems.length > 2 * MAX_PROBLEMS) this.#problems = this.#first();
  }

  state(): ImportProgress {
    return {
      linesRead: this.linesRead,
      productsCreated: this.outcomes.created,
      productsUpdated: this.outcomes.updated,
      productsUnchanged: this.outcomes.unchanged,
      problemCount: this.#problemCount,
      problems: this.#first().map(keepable),
    };
  }

  #first(): ImportProblem[] {
    return this.#problems
      .toSorted((one, other) => one.line - other.line || (one.column ?? 0) - (other.column ?? 0))
      .slice(0, MAX_PROBLEMS);
  }
}

/** A message may quote what cannot be kept: control characters, half a character where a cell was cut. */
function keepable({ message, ...place }: ImportProblem): ImportProblem {
  return { ...place, message: message.toWellFormed().replace(CONTROL_BUT_LAYOUT, '\uFFFD') };
}
