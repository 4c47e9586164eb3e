/** What the one who loads is told to do. */
export interface Load {
  readonly port: number;
  /** JSON bodies that take turns. */
  readonly bodies: readonly string[];
  /** How many bytes each one's answer has; null: any (warming up). */
  readonly answerBytes: readonly number[] | null;
  readonly connections: number;
  readonly forMs: number;
}

export interface Loaded {
  /** Answered with 200 and as many bytes as expected. */
  readonly answered: number;
  readonly failed: number;
  /** The first that failed. */
  readonly failure: string | null;
  readonly elapsedMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}
