/** A limit on several waits together. */
export interface Patience {
  /** Waits for `work`, as long as patience lasts: true when it is done. Rejects as it does. */
  for(work: Promise<unknown>): Promise<boolean>;
  end(): void;
}

/** From now on, so many milliseconds for all that is waited for. */
export function patience(limitMs: number): Patience {
  const { promise: over, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(resolve, limitMs, false);
  return {
    async for(work) {
      const done = await Promise.race([work.then(() => true), over]);
      // Nobody hears any more what becomes of it.
      if (!done) work.catch(() => undefined);
      return done;
    },
    end: () => clearTimeout(timer),
  };
}
