/** What is wrong with a file, and where: what `ProductImport.problems` shows. */
export interface ImportProblem {
  /** From 1: the line at which the row begins. */
  readonly line: number;
  /** From 1; null when it is the row as a whole. */
  readonly column: number | null;
  readonly message: string;
}

export const BROKE_OFF: ImportProblem = {
  line: 1,
  column: null,
  message: 'The import broke off again and again on our side. Tell us its id.',
};

/** A file that cannot be read as one of products, or no further than this. */
export class FileRefused extends Error {
  override readonly name = 'FileRefused';
  /** Null: it was named with a row. */
  readonly problem: ImportProblem | null;

  constructor(problem: ImportProblem | null) {
    super(problem?.message ?? 'The file cannot be read any further');
    this.problem = problem;
  }
}
