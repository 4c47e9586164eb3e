/** One thing that is not as it must be: enough to find it again in the stores. */
export interface Violation {
  /** What it is about: `product 0193…`. */
  readonly where: string;
  /** Which part of it: `variants.0.price.amountMinor`. */
  readonly field: string;
  readonly expected: unknown;
  readonly found: unknown;
}

export interface Verdict {
  /** How many documents were compared. */
  readonly compared: number;
  readonly violations: readonly Violation[];
}

/** Compares one store with the truth, every document, field by field. */
export interface Check {
  /** What must hold, as a sentence. */
  readonly claim: string;
  /** What is counted, in the plural: `products`. */
  readonly counted: string;
  readonly run: () => Promise<Verdict>;
}
