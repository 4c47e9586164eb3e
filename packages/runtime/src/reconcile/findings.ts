/** What a reconciliation compared, mended and could not mend: what its sweep tells the metrics and its command prints. */

/** Something that differs and that nobody may mend without looking: it stays until it is gone by itself or people have settled it. */
export interface Discrepancy {
  /** In lower case with underscores, such as `amount_differs`: what metrics count by. */
  readonly kind: string;
  /** The id of what it is about: an order, a charge, a key of a topic. */
  readonly subject: string;
  /** What people need to settle it. Ids, amounts and statuses; nothing of a person. */
  readonly details: Readonly<Record<string, unknown>>;
}

export interface Findings {
  /** How many orders, charges or keys were looked at. */
  readonly compared: number;
  /** How often what was mended, by the word for the repair. */
  readonly repaired: Readonly<Record<string, number>>;
  readonly reported: readonly Discrepancy[];
}

/** Findings are kept in memory: of more than so many a round tells the number alone. */
const MOST_REPORTED = 1_000;

/** Counts while a reconciliation runs. */
export class Tally {
  #compared = 0;
  readonly #repaired: Record<string, number> = {};
  readonly #reported: Discrepancy[] = [];

  compare(count: number): void {
    this.#compared += count;
  }

  repair(what: string, count = 1): void {
    if (count > 0) this.#repaired[what] = (this.#repaired[what] ?? 0) + count;
  }

  report(...found: readonly Discrepancy[]): void {
    this.#reported.push(...found.slice(0, MOST_REPORTED - this.#reported.length));
  }

  get findings(): Findings {
    return { compared: this.#compared, repaired: { ...this.#repaired }, reported: [...this.#reported] };
  }
}

/** For people: a line for the job, and one for each thing that is left for them. */
export function describeFindings(job: string, { compared, repaired, reported }: Findings): string[] {
  const mended = Object.entries(repaired).map(([what, count]) => `${what} ${count}`);
  return [
    `${job}: compared ${compared}, repaired ${mended.length === 0 ? 'nothing' : mended.join(', ')}, reports ${reported.length}`,
    ...reported.map(({ kind, subject, details }) => `  ${kind} ${subject} ${JSON.stringify(details)}`),
  ];
}
