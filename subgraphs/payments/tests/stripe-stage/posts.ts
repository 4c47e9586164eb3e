import { setTimeout as sleep } from 'node:timers/promises';
import { Stripe } from 'stripe';
import { eventOf } from './shapes.ts';

/** Events, signed as Stripe signs them, sent until they are accepted. */
export function createPosts(secret: string) {
  const stopped = new AbortController();
  const sending = new Set<Promise<void>>();
  let webhookUrl: string | null = null;
  let events = 0;
  const send = async (target: string, payload: string): Promise<void> => {
    while (!stopped.signal.aborted) {
      const signature = Stripe.webhooks.generateTestHeaderString({ payload, secret });
      const accepted = await fetch(target, {
        method: 'POST',
        headers: { 'stripe-signature': signature, 'content-type': 'application/json' },
        body: payload,
        signal: stopped.signal,
      }).then(
        ({ ok }) => ok,
        () => false,
      );
      if (accepted) return;
      await sleep(20, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  };
  return {
    tell(type: string, object: unknown) {
      if (webhookUrl === null) return;
      events += 1;
      const payload = JSON.stringify(
        eventOf(`evt_5tage${Date.now()}${events}`, type, withoutExpansion(object)),
        null,
        2,
      );
      const sent = send(webhookUrl, payload).finally(() => sending.delete(sent));
      sending.add(sent);
    },
    tellTo(target: string) {
      webhookUrl = target;
    },
    async stop() {
      stopped.abort();
      await Promise.all(sending);
    },
  };
}

/** In events nothing is expanded. */
function withoutExpansion(object: unknown): unknown {
  const { latest_charge: charge, ...rest } = object as { latest_charge?: { id: string } | null };
  return charge === undefined ? object : { ...rest, latest_charge: charge?.id ?? null };
}
