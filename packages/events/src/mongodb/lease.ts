/**
 * A lease that one process at a time holds, kept in one document, without trusting anybody's clock.
 *
 * Document: { _id: name, fence, beat, held }. Each take-over raises `fence`, so no two holders ever share one; the holder raises `beat`
 * to renew, and only while the fence is still its own.
 *
 * The holder counts its time from before it asked for the renewal. One who stands by counts from after it has seen a beat, and
 * takes over when that beat has not moved for the whole lease: later than the holder has given up, whatever their clocks say.
 * What is left is a holder that is frozen between its last look at the lease and its send; consumers apply an event once, and no
 * older version over a newer one.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { mongo } from 'mongoose';

const DUPLICATE_KEY = 11_000;

export interface LeaseDocument {
  readonly _id: string;
  readonly fence: number;
  readonly beat: number;
  /** False: given up in order, so the next need not wait. */
  readonly held: boolean;
}

/** The lease went to another, or its time ran out: nothing may be sent any more. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

export class Lease {
  readonly #leases: mongo.Collection<LeaseDocument>;
  readonly #name: string;
  readonly #leaseMs: number;
  #fence: number | undefined;
  #validUntil = 0;

  constructor(leases: mongo.Collection<LeaseDocument>, name: string, leaseMs: number) {
    this.#leases = leases;
    this.#name = name;
    this.#leaseMs = leaseMs;
  }

  /** How long it is surely still ours. */
  get remainingMs(): number {
    return this.#validUntil - performance.now();
  }

  /** Waits until the lease is ours. False: stopped before that. */
  async acquire(stop: AbortSignal): Promise<boolean> {
    let seen: { fence: number; beat: number; since: number } | undefined;
    while (!stop.aborted) {
      const current = await this.#leases.findOne({ _id: this.#name });
      const now = performance.now();
      if (current === null) {
        if (await this.#create()) return true;
        continue;
      }
      if (current.held && current.fence === this.#fence) {
        await this.renew();
        return true;
      }
      if (seen?.fence !== current.fence || seen.beat !== current.beat) {
        seen = { fence: current.fence, beat: current.beat, since: now };
      }
      if (!current.held || now - seen.since >= this.#leaseMs) {
        if (await this.#takeOver(current)) return true;
        continue;
      }
      await sleep(this.#leaseMs / 12, undefined, { signal: stop }).catch(() => undefined);
    }
    return false;
  }

  /** Renews when a third of the time has passed. */
  async keep(): Promise<void> {
    if (this.remainingMs < (this.#leaseMs * 2) / 3) await this.renew();
  }

  async renew(): Promise<void> {
    const asked = performance.now();
    const renewed = await this.#leases.updateOne(
      { _id: this.#name, fence: this.#fence ?? -1, held: true },
      { $inc: { beat: 1 } },
    );
    if (renewed.matchedCount !== 1) {
      this.#fence = undefined;
      throw new LeaseLost(`The lease ${this.#name} went to another`);
    }
    this.#validUntil = asked + this.#leaseMs;
  }

  async release(): Promise<void> {
    if (this.#fence === undefined) return;
    await this.#leases.updateOne({ _id: this.#name, fence: this.#fence }, { $set: { held: false } });
    this.#fence = undefined;
  }

  async #create(): Promise<boolean> {
    const asked = performance.now();
    try {
      await this.#leases.insertOne({ _id: this.#name, fence: 1, beat: 0, held: true });
    } catch (error) {
      if ((error as { code?: unknown }).code === DUPLICATE_KEY) return false;
      throw error;
    }
    this.#hold(1, asked);
    return true;
  }

  async #takeOver(seen: LeaseDocument): Promise<boolean> {
    const asked = performance.now();
    const taken = await this.#leases.updateOne(
      { _id: this.#name, fence: seen.fence, beat: seen.beat, held: seen.held },
      { $set: { held: true, beat: 0, fence: seen.fence + 1 } },
    );
    if (taken.matchedCount !== 1) return false;
    this.#hold(seen.fence + 1, asked);
    return true;
  }

  #hold(fence: number, asked: number): void {
    this.#fence = fence;
    this.#validUntil = asked + this.#leaseMs;
  }
}
