/**
 * What one subscriber has yet to look at. It never grows beyond its bound: an id waits once, however often it was told, and where too
 * many would wait they become one "anything may have changed". Nothing is lost by that, for news only says where to look again.
 */

/** What changed: an id; null: look at everything, since this is the beginning or something may have been missed. */
export type Hint = string | null;

/** Ids that may wait for one subscriber. */
const MAX_WAITING = 1_000;

export class News {
  readonly #ids = new Set<string>();
  #missed = true;
  #ended = false;
  #wake: (() => void) | null = null;

  add(hint: Hint): void {
    if (this.#ended) return;
    if (hint !== null) this.#ids.add(hint);
    if (hint === null || this.#ids.size > MAX_WAITING) {
      this.#missed = true;
      this.#ids.clear();
    }
    this.#wake?.();
  }

  /** The oldest that waits; waits for one where there is none. Undefined once it has ended. */
  async take(): Promise<{ readonly hint: Hint } | undefined> {
    for (;;) {
      if (this.#ended) return undefined;
      if (this.#missed) {
        this.#missed = false;
        return { hint: null };
      }
      const [id] = this.#ids;
      if (id !== undefined) {
        this.#ids.delete(id);
        return { hint: id };
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = null;
    }
  }

  end(): void {
    this.#ended = true;
    this.#ids.clear();
    this.#wake?.();
  }
}

/**
 * The stream that a subscription's resolver returns: what `look` finds, at the beginning and at each piece of news.
 * It is not an async generator on purpose: one of those cannot be ended while it waits, and would keep its channels until the next event.
 */
export function streamOf<Seen>(
  news: News,
  look: (hint: Hint) => Promise<readonly Seen[]>,
  leave: () => void,
): AsyncIterableIterator<Seen, undefined> {
  let found: Seen[] = [];
  let ended = false;
  const end = () => {
    if (ended) return;
    ended = true;
    found = [];
    news.end();
    leave();
  };
  const stream: AsyncIterableIterator<Seen, undefined> = {
    async next() {
      try {
        for (;;) {
          const [seen, ...later] = found;
          if (seen !== undefined) {
            found = later;
            return { done: false, value: seen };
          }
          const piece = ended ? undefined : await news.take();
          if (piece === undefined) return { done: true, value: undefined };
          const seenNow = await look(piece.hint);
          if (!ended) found = [...seenNow];
        }
      } catch (error) {
        end();
        throw error;
      }
    },
    async return() {
      end();
      return { done: true, value: undefined };
    },
    async throw(error) {
      end();
      throw error;
    },
    [Symbol.asyncIterator]: () => stream,
  };
  return stream;
}
