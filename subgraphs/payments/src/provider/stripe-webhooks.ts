/** Stripe's webhooks (https://docs.stripe.com/webhooks): the signature over the exact bytes, then what is said. */
import { isUtf8 } from 'node:buffer';
import type { IncomingHttpHeaders } from 'node:http';
import { Fault } from '@ebuy/kernel';
import { Stripe } from 'stripe';
import { z } from 'zod';
import { type ProviderNews, WebhookRefused } from './provider.ts';
import {
  authorizationNews,
  checkedIntent,
  type IntentAnswer,
  intentAnswer,
  moneyOf,
  type RefundAnswer,
  refundAnswer,
  refundNews,
} from './stripe-answers.ts';

const TOLERANCE_SECONDS = 5 * 60;
const MAX_SIGNATURE_CHARACTERS = 2_000;

const envelope = z.object({
  id: z.string().regex(/^evt_\w{1,250}$/),
  type: z.string().max(200),
  created: z.number().int().nonnegative(),
  livemode: z.boolean(),
  data: z.object({ object: z.unknown() }),
});

/** `payment_intent.succeeded` is the capture, whose answer says so; `charge.refunded` does not say which refund, `refund.…` does. */
const OF_INTENTS: ReadonlySet<string> = new Set([
  'payment_intent.amount_capturable_updated',
  'payment_intent.canceled',
  'payment_intent.payment_failed',
  'payment_intent.processing',
  'payment_intent.requires_action',
]);
const OF_REFUNDS: ReadonlySet<string> = new Set(['refund.created', 'refund.updated', 'refund.failed']);

const reference = z.uuid();

/** Throws {@link WebhookRefused}. More than one secret while one is being replaced. */
export function readStripeWebhook(
  headers: IncomingHttpHeaders,
  body: Buffer,
  now: Date,
  { secrets, live }: { readonly secrets: readonly string[]; readonly live: boolean },
): ProviderNews {
  const event = verified(headers['stripe-signature'], body, now, secrets);
  const read = envelope.safeParse(event);
  if (!read.success) throw new WebhookRefused(400, 'The webhook is not an event.');
  const { id, type, created, livemode, data } = read.data;
  if (livemode !== live) return { about: 'nothing', id };
  try {
    if (OF_INTENTS.has(type)) return newsOfIntent(id, created, understood(intentAnswer, data.object));
    if (OF_REFUNDS.has(type)) return newsOfRefund(id, understood(refundAnswer, data.object));
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw new WebhookRefused(400, error.message);
  }
  return { about: 'nothing', id };
}

function verified(signature: unknown, body: Buffer, now: Date, secrets: readonly string[]): unknown {
  if (typeof signature !== 'string' || signature.length > MAX_SIGNATURE_CHARACTERS) throw unsigned();
  const event = firstThatFits(signature, body, now, secrets);
  // The library refuses what is too old, and takes whatever is too new.
  const signedAt = Number(/(?:^|,)t=(\d{1,12})(?:,|$)/.exec(signature)?.[1]);
  if (!(signedAt - now.getTime() / 1_000 <= TOLERANCE_SECONDS)) throw unsigned();
  // It checks the text that the bytes make: other bytes could make the same.
  if (!isUtf8(body) || body[0] === 0xef) throw new WebhookRefused(400, 'The webhook is not JSON in UTF-8.');
  return event;
}

function firstThatFits(signature: string, body: Buffer, now: Date, secrets: readonly string[]): unknown {
  for (const secret of secrets) {
    try {
      return Stripe.webhooks.constructEvent(body, signature, secret, TOLERANCE_SECONDS, undefined, now.getTime());
    } catch (error) {
      if (error instanceof Stripe.errors.StripeSignatureVerificationError) continue;
      throw new WebhookRefused(400, 'The webhook is not an event in JSON.');
    }
  }
  throw unsigned();
}

const unsigned = () => new WebhookRefused(401, 'The webhook was refused: no signature of ours that is fresh.');

function understood<Schema extends z.ZodType>(schema: Schema, json: unknown): z.output<Schema> {
  const read = schema.safeParse(json);
  if (!read.success) throw new WebhookRefused(400, 'The webhook has not the shape it should have.');
  return read.data;
}

/** Without a reference of ours it was not made by us: the account may be used by others. */
function newsOfIntent(id: string, created: number, intent: IntentAnswer): ProviderNews {
  const ours = reference.safeParse(intent.metadata.reference);
  if (!ours.success) return { about: 'nothing', id };
  const amount = moneyOf(intent);
  checkedIntent(intent, { reference: ours.data, amount });
  if (intent.status === 'succeeded') return { about: 'nothing', id };
  return { about: 'authorization', id, reference: ours.data, amount, news: authorizationNews(intent, created) };
}

function newsOfRefund(id: string, refund: RefundAnswer): ProviderNews {
  const ours = reference.safeParse(refund.metadata?.reference);
  if (!ours.success) return { about: 'nothing', id };
  return { about: 'refund', id, reference: ours.data, amount: moneyOf(refund), news: refundNews(refund) };
}
