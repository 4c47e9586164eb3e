/**
 * Works off what the provider is to be asked: what this process has just written at once, what another has left behind when a sweep
 * finds it. So many calls at a time and no more: a slow provider fills the work list, never the memory, and never holds up the events.
 */
import { Histogram, type Registry } from 'prom-client';
import type { Payments } from '../commands/payments.ts';
import { LEASE_MS, type ProviderCall, takeDueCalls } from '../store/provider-calls.ts';
import { performCall } from './perform.ts';

const CONCURRENCY = 32;
/** What waits for a place has a lease that runs out; beyond this a sweep takes it when there are places again. */
const MAX_QUEUE = 256;
/** A call is not begun with less left of its lease: it would be made twice. */
const LEAST_LEASE_MS = LEASE_MS / 2;

export interface CallWorker {
  /** Resolves when all of them were tried: settled or put off. Never rejects. */
  make(calls: readonly ProviderCall[]): Promise<void>;
  /** Takes on what is due, as far as there are places. Does not wait for it. */
  sweep(): Promise<void>;
  /** Takes on no more; waits for the calls in hand. */
  stop(): Promise<void>;
}

interface Queued {
  readonly call: ProviderCall;
  readonly done: () => void;
}

export function createCallWorker(payments: Payments, metrics: Registry): CallWorker {
  const seconds = new Histogram({
    name: 'ebuy_payment_provider_call_seconds',
    help: 'Time of one call to the payment provider, with what was written afterwards.',
    labelNames: ['kind', 'ending'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [metrics],
  });
  const queue: Queued[] = [];
  const running = new Set<Promise<void>>();
  let stopped = false;

  const begin = () => {
    while (running.size < CONCURRENCY) {
      const queued = queue.shift();
      if (queued === undefined) return;
      const run = perform(queued.call).finally(() => {
        running.delete(run);
        queued.done();
        begin();
      });
      running.add(run);
    }
  };

  const perform = async (call: ProviderCall): Promise<void> => {
    if (stopped || call.leaseUntil.getTime() - Date.now() < LEAST_LEASE_MS) return;
    const stop = seconds.startTimer({ kind: call.kind });
    try {
      stop({ ending: await performCall(payments, call) });
    } catch (error) {
      stop({ ending: 'failed' });
      const { id: callId, kind, orderId } = call;
      payments.logger.error({ err: error, callId, kind, orderId }, 'a call could not be recorded; a sweep finds it');
    }
  };

  const add = (call: ProviderCall) =>
    new Promise<void>((done) => {
      if (stopped || queue.length >= MAX_QUEUE) return done();
      queue.push({ call, done });
      begin();
    });

  return {
    async make(calls) {
      await Promise.all(calls.map(add));
    },
    async sweep() {
      const places = CONCURRENCY - running.size - queue.length;
      if (stopped || places <= 0) return;
      for (const call of await takeDueCalls(payments.store, places, new Date())) void add(call);
    },
    async stop() {
      stopped = true;
      while (running.size > 0) await Promise.all(running);
    },
  };
}
