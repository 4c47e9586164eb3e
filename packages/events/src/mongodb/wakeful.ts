import { setTimeout as sleep } from 'node:timers/promises';

const MAX_REMEMBERED = 5_000;

/**
 * Which documents changed while the relay was busy or asleep. Forgetful on purpose: beyond its limit it drops ids, and the relay's next
 * look through the index finds those documents anyway.
 */
export class Wakeful {
  readonly #batch: number;
  readonly #ids = new Set<string>();
  #raised = false;
  #resolve: (() => void) | undefined;

  constructor(batch: number) {
    this.#batch = batch;
  }

  wake(id: string): void {
    if (this.#ids.size < MAX_REMEMBERED) this.#ids.add(id);
    this.raise();
  }

  raise(): void {
    this.#raised = true;
    this.#resolve?.();
  }

  /** The oldest ids, at most a batch. */
  take(): string[] {
    const taken: string[] = [];
    for (const id of this.#ids) {
      if (taken.length === this.#batch) break;
      taken.push(id);
    }
    for (const id of taken) this.#ids.delete(id);
    return taken;
  }

  /** Until something is raised or the time is up; at once when ids are left. */
  async wait(timeoutMs: number): Promise<void> {
    if (!this.#raised && this.#ids.size === 0 && timeoutMs > 0) {
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.#resolve = resolve;
        timer = setTimeout(resolve, timeoutMs);
      });
      clearTimeout(timer);
      this.#resolve = undefined;
    }
    this.#raised = false;
  }

  /** The same time, whatever is raised; cut short only by the end. */
  async pause(ms: number, stop: AbortSignal): Promise<void> {
    await sleep(ms, undefined, { signal: stop }).catch(() => undefined);
  }
}
