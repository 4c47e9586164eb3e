import type { GraphQLFormattedError } from 'graphql';
import { type ExecutionAnswer, withErrors } from '../executor/compile.ts';

/** An answer that several requests may get; it becomes bytes once. */
export class SharedAnswer {
  readonly #answer: ExecutionAnswer;
  #bytes: Buffer | null = null;
  #taken = 0;

  constructor(answer: ExecutionAnswer) {
    this.#answer = answer;
  }

  get errors(): readonly GraphQLFormattedError[] {
    return this.#answer.errors;
  }

  /** What the subgraphs allow to be kept; null: nothing. */
  get cacheControl(): string | null {
    return this.#answer.cacheControl;
  }

  /** As one request is told of it, which has presented the errors; without any it is the same for all. */
  bodyWith(presented: readonly GraphQLFormattedError[]): string | Buffer {
    if (presented.length > 0) return withErrors(this.#answer, presented);
    this.#taken += 1;
    // A text is written together with its head, which is less work than bytes are; but then it is encoded each time.
    if (typeof this.#answer.json === 'string' && this.#taken === 1) return this.#answer.json;
    this.#bytes ??= toBytes(this.#answer.json);
    return this.#bytes;
  }
}

function toBytes(json: string | Buffer): Buffer {
  return typeof json === 'string' ? Buffer.from(json) : json;
}
