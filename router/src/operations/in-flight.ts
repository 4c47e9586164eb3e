/**
 * Work that is under way, by who may share it: whoever asks for the same while it lasts gets the same. It keeps nothing that is done.
 */
export class InFlight<Result> {
  readonly #scopes = new Map<string, Map<string, Promise<Result>>>();

  /** The result of `start`, or of an equal one that has begun and is not done. */
  share(scope: string, key: string, start: () => Promise<Result>): Promise<Result> {
    const known = this.#scopes.get(scope);
    const shared = known?.get(key);
    if (shared !== undefined) return shared;
    const underWay = known ?? new Map<string, Promise<Result>>();
    if (known === undefined) this.#scopes.set(scope, underWay);
    const done = () => {
      underWay.delete(key);
      if (underWay.size === 0 && this.#scopes.get(scope) === underWay) this.#scopes.delete(scope);
    };
    const started = start();
    underWay.set(key, started);
    started.then(done, done);
    return started;
  }

  /** Something has changed for this scope: what is asked from now on joins nothing that began before. */
  startAnew(scope: string): void {
    this.#scopes.delete(scope);
  }

  get scopes(): number {
    return this.#scopes.size;
  }
}
