import type { Logger } from './logger.ts';

/** Work that comes round: deadlines, strays, pruning. Every replica runs it, so it must claim what it works on. */
export interface Sweep {
  readonly name: string;
  readonly everyMs: number;
  readonly run: () => Promise<unknown>;
}

/** Runs sweeps until stopped, each never beside itself, with a little jitter so that replicas do not march in step. */
export function startSweeps(sweeps: readonly Sweep[], logger: Logger): { stop(): Promise<void> } {
  const timers = new Set<NodeJS.Timeout>();
  const running = new Set<Promise<void>>();
  let stopped = false;
  const schedule = (sweep: Sweep) => {
    if (stopped) return;
    const timer = setTimeout(
      () => {
        timers.delete(timer);
        const round = sweep
          .run()
          .then(
            () => undefined,
            (error: unknown) =>
              logger.warn({ err: error, sweep: sweep.name }, 'a sweep failed; it will come round again'),
          )
          .finally(() => {
            running.delete(round);
            schedule(sweep);
          });
        running.add(round);
      },
      sweep.everyMs * (0.9 + 0.2 * Math.random()),
    );
    timers.add(timer);
  };
  sweeps.forEach(schedule);
  return {
    async stop() {
      stopped = true;
      timers.forEach(clearTimeout);
      await Promise.all(running);
    },
  };
}
