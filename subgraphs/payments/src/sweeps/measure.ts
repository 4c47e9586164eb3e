import type { Logger } from '@ebuy/runtime';
import { Gauge, type Registry } from 'prom-client';
import { countEndingHolds } from '../queries/payments.ts';
import type { Store } from '../store/index.ts';
import { countWaitingCalls } from '../store/provider-calls.ts';

/** Reports what needs people: holds that have ended without a capture, holds about to end, calls that pile up. */
export function measure(store: Store, metrics: Registry, logger: Logger): () => Promise<void> {
  const waiting = new Gauge({
    name: 'ebuy_payment_provider_calls_waiting',
    help: 'Calls to the payment provider that are not settled.',
    registers: [metrics],
  });
  const holds = new Gauge({
    name: 'ebuy_payment_holds_ending',
    help: 'Authorized amounts whose hold has ended, or ends within a day, without a capture.',
    labelNames: ['when'],
    registers: [metrics],
  });
  let reported = 0;
  return async () => {
    waiting.set(await countWaitingCalls(store));
    const { ended, endWithinADay } = await countEndingHolds(store, new Date());
    holds.set({ when: 'ended' }, ended);
    holds.set({ when: 'within a day' }, endWithinADay);
    if (ended > reported)
      logger.warn({ ended, endWithinADay }, 'authorized amounts were not captured before their hold ended');
    reported = ended;
  };
}
