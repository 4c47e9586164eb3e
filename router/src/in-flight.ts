/** How long work may be joined after it began: long enough for a crowd that asks at once, too short for anyone to see old news. */
const JOINABLE_MS = 100;
const MAX_FLIGHTS = 4_096;

/**
 * Reads that are under way: whoever asks the same in the same scope gets the same answer, which nobody may change. What another process
 * has changed meanwhile is seen by whoever asks a moment later, for what has been under way longer is joined by nobody.
 */
export class InFlight<Answer> {
  readonly #now: () => number;
  readonly #scopes = new Map<string, Map<string, Flight<Answer>>>();
  #size = 0;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /**
   * The answer of an equal read that began a moment ago, or that of `begin`.
   *
   * @param scope whatever of the caller an answer can depend on
   * @param key whatever else it depends on
   */
  share(scope: string, key: string, begin: () => Promise<Answer>): Promise<Answer> {
    const known = this.#scopes.get(scope)?.get(key);
    const nowMs = this.#now();
    if (known !== undefined && nowMs < known.joinableUntilMs) return known.answer;
    if (known === undefined && this.#size >= MAX_FLIGHTS) return begin();
    const answer = begin();
    const flight = { joinableUntilMs: nowMs + JOINABLE_MS, answer };
    this.#add(scope, key, flight);
    const land = () => this.#remove(scope, key, flight);
    answer.then(land, land);
    return answer;
  }

  /** What this scope has in flight is joined by nobody any more: it has changed something, and must see that. */
  forget(scope: string): void {
    this.#size -= this.#scopes.get(scope)?.size ?? 0;
    this.#scopes.delete(scope);
  }

  get size(): number {
    return this.#size;
  }

  #add(scope: string, key: string, flight: Flight<Answer>): void {
    const flights = this.#scopes.get(scope) ?? new Map<string, Flight<Answer>>();
    if (flights.size === 0) this.#scopes.set(scope, flights);
    if (!flights.has(key)) this.#size += 1;
    flights.set(key, flight);
  }

  #remove(scope: string, key: string, flight: Flight<Answer>): void {
    const flights = this.#scopes.get(scope);
    if (flights?.get(key) !== flight) return;
    flights.delete(key);
    this.#size -= 1;
    if (flights.size === 0) this.#scopes.delete(scope);
  }
}

interface Flight<Answer> {
  readonly joinableUntilMs: number;
  readonly answer: Promise<Answer>;
}
