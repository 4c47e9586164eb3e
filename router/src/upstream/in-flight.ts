/** How long a read may be joined after it began: long enough for a crowd that asks at once, too short for anyone to see old news. */
const JOINABLE_MS = 100;
const MAX_FLIGHTS = 4_096;

/** Reads that are on their way: whoever asks the same in the same scope gets the same answer, which nobody may change. */
export interface InFlight<Answer> {
  /**
   * The answer of an equal read that began a moment ago, or that of `begin`.
   *
   * @param scope whatever of the caller an answer can depend on
   * @param key whatever else it depends on
   */
  share(scope: string, key: string, begin: () => Promise<Answer>): Promise<Answer>;
  /** What this scope has in flight is joined by nobody any more: it has changed something, and must see that. */
  forget(scope: string): void;
  readonly size: number;
}

interface Flight<Answer> {
  readonly scope: string;
  readonly joinableUntilMs: number;
  readonly answer: Promise<Answer>;
}

export function createInFlight<Answer>(now: () => number = () => performance.now()): InFlight<Answer> {
  const flights = new Map<string, Flight<Answer>>();
  return {
    share(scope, key, begin) {
      // The length keeps a scope that ends like a key begins apart from its neighbour.
      const id = `${scope.length}:${scope}${key}`;
      const nowMs = now();
      const known = flights.get(id);
      if (known !== undefined && nowMs < known.joinableUntilMs) return known.answer;
      if (known === undefined && flights.size >= MAX_FLIGHTS) return begin();
      const answer = begin();
      const flight = { scope, joinableUntilMs: nowMs + JOINABLE_MS, answer };
      flights.set(id, flight);
      const land = () => {
        if (flights.get(id) === flight) flights.delete(id);
      };
      answer.then(land, land);
      return answer;
    },
    forget(scope) {
      for (const [id, flight] of flights) if (flight.scope === scope) flights.delete(id);
    },
    get size() {
      return flights.size;
    },
  };
}
