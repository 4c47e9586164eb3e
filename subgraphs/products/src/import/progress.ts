import type { ImportProgress } from '../store/imports.ts';
import type { ImportProblem } from './problem.ts';

const MAX_PROBLEMS = 1_000;

/** Counts what becomes of a file, and keeps the first of its problems by line. */
export class Progress {
  linesRead = 0;
  readonly outcomes = { created: 0, updated: 0, unchanged: 0 };
  #problems: ImportProblem[] = [];
  #problemCount = 0;

  add(problems: readonly ImportProblem[]): void {
    this.#problemCount += problems.length;
    this.#problems.push(...problems);
    if (this.#problems.length > 2 * MAX_PROBLEMS) this.#problems = this.#first();
  }

  state(): ImportProgress {
    return {
      linesRead: this.linesRead,
      productsCreated: this.outcomes.created,
      productsUpdated: this.outcomes.updated,
      productsUnchanged: this.outcomes.unchanged,
      problemCount: this.#problemCount,
      problems: this.#first(),
    };
  }

  #first(): ImportProblem[] {
    return this.#problems
      .toSorted((one, other) => one.line - other.line || (one.column ?? 0) - (other.column ?? 0))
      .slice(0, MAX_PROBLEMS);
  }
}
