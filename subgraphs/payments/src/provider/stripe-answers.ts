/** What Stripe says of intents and refunds, checked: nothing else of it is believed. https://docs.stripe.com/api, version in stripe-client.ts. */
import { Fault, type Money, sameMoney } from '@ebuy/kernel';
import { z } from 'zod';
import type { AuthorizationNews } from '../domain/authorizing.ts';
import type { RefundNews } from '../domain/refunding.ts';
import { fromStripe, type StripeAmount } from './stripe-amounts.ts';
import { declined } from './stripe-failures.ts';

const SECOND_MS = 1_000;
/** How long a card's hold lasts where the charge does not say (https://docs.stripe.com/payments/place-a-hold-on-a-payment-method). */
const USUAL_HOLD_MS = 7 * 86_400 * SECOND_MS;

const amount = z.number().int().nonnegative();
const currency = z.string().regex(/^[a-z]{3}$/);
const seconds = z.number().int().nonnegative();
const metadata = z.record(z.string().max(100), z.string().max(1_000));
const code = z.string().max(200).nullish();
const idOf = (prefix: string) => z.string().regex(new RegExp(`^${prefix}_\\w{1,250}$`));
/** An object where we asked for it, its id elsewhere, as in webhooks. */
const expanded = <Schema extends z.ZodType>(schema: Schema) => z.union([z.string().max(255), schema]).nullable();

const charge = z.object({
  object: z.literal('charge'),
  created: seconds,
  amount_refunded: amount,
  payment_method_details: z.object({ card: z.object({ capture_before: seconds.nullish() }).nullish() }).nullish(),
});

export const intentAnswer = z.object({
  id: idOf('pi'),
  object: z.literal('payment_intent'),
  livemode: z.boolean(),
  created: seconds,
  status: z.enum([
    'requires_payment_method',
    'requires_confirmation',
    'requires_action',
    'processing',
    'requires_capture',
    'canceled',
    'succeeded',
  ]),
  capture_method: z.string().max(50),
  amount,
  amount_capturable: amount,
  amount_received: amount,
  currency,
  metadata,
  next_action: z
    .object({ type: z.string().max(100), redirect_to_url: z.object({ url: z.string().nullable() }).nullish() })
    .nullable(),
  last_payment_error: z.object({ code, decline_code: code }).nullable(),
  latest_charge: expanded(charge),
});
export type IntentAnswer = z.infer<typeof intentAnswer>;

export const refundAnswer = z.object({
  id: idOf('(re|pyr)'),
  object: z.literal('refund'),
  amount,
  currency,
  metadata: metadata.nullable(),
  payment_intent: z.string().max(255).nullable(),
  status: z.enum(['pending', 'requires_action', 'succeeded', 'failed', 'canceled']),
  failure_reason: code,
});
export type RefundAnswer = z.infer<typeof refundAnswer>;

const listOf = <Schema extends z.ZodType>(schema: Schema) =>
  z.object({ data: z.array(schema).max(100), has_more: z.boolean() });
export const intentList = listOf(intentAnswer);
export const refundList = listOf(refundAnswer);

/** The shape of an answer. Throws a Fault that says where it is not as it should be, and never what stands there. */
export function understood<Schema extends z.ZodType>(schema: Schema, json: unknown): z.output<Schema> {
  const read = schema.safeParse(json);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw nonsense(`is not as it should be at ${issue?.path.join('.').slice(0, 100)}`);
}

export const nonsense = (what: string) => new Fault(`Stripe's answer ${what}`, { retryable: false });

export const moneyOf = (answer: StripeAmount): Money => {
  const money = fromStripe(answer);
  if (money === null) throw nonsense('has an amount that is none of ours');
  return money;
};

/** The answer must be about what was asked, and be ours to hold and to take. */
export function checkedIntent(
  answer: IntentAnswer,
  asked: { readonly reference: string; readonly amount: Money; readonly providerId?: string },
): IntentAnswer {
  if (answer.metadata.reference !== asked.reference) throw nonsense('is about something else');
  if (asked.providerId !== undefined && answer.id !== asked.providerId) throw nonsense('is about another intent');
  if (!sameMoney(moneyOf(answer), asked.amount)) throw nonsense('has another amount or currency');
  if (answer.capture_method !== 'manual') throw nonsense('takes the money by itself');
  if (answer.status === 'requires_capture' && answer.amount_capturable !== answer.amount) {
    throw nonsense('holds another amount');
  }
  if (answer.status === 'succeeded' && answer.amount_received !== answer.amount) throw nonsense('took another amount');
  return answer;
}

/** A captured one was authorized: the capture is asked about by itself. `heldSince`: where the charge is not there to say. */
export function authorizationNews(answer: IntentAnswer, heldSince = answer.created): AuthorizationNews {
  const { id: providerId } = answer;
  switch (answer.status) {
    case 'processing':
      return { status: 'PENDING', providerId };
    case 'requires_action':
      return { status: 'REQUIRES_ACTION', providerId, nextActionUrl: pageOf(answer) };
    case 'requires_capture':
    case 'succeeded':
      return { status: 'AUTHORIZED', providerId, endsAt: holdEnds(answer, heldSince) };
    case 'requires_payment_method': {
      const { code, decline_code: declineCode } = answer.last_payment_error ?? {};
      return {
        status: 'DECLINED',
        providerId,
        failure: declined({ code: code ?? null, declineCode: declineCode ?? null }),
      };
    }
    case 'canceled':
      return { status: 'VOIDED', providerId };
    case 'requires_confirmation':
      throw nonsense('says that an intent was not confirmed, which we did');
  }
}

function pageOf({ next_action }: IntentAnswer): string {
  const page = z
    .url({ protocol: /^https?$/ })
    .max(2_000)
    .safeParse(next_action?.redirect_to_url?.url);
  if (!page.success) throw nonsense('asks for a second step without a page for it');
  return page.data;
}

function holdEnds({ latest_charge }: IntentAnswer, heldSince: number): Date {
  if (latest_charge === null || typeof latest_charge === 'string')
    return new Date(heldSince * SECOND_MS + USUAL_HOLD_MS);
  const before = latest_charge.payment_method_details?.card?.capture_before;
  return new Date(before ? before * SECOND_MS : latest_charge.created * SECOND_MS + USUAL_HOLD_MS);
}

export function checkedRefund(
  answer: RefundAnswer,
  asked: { readonly reference: string; readonly amount: Money; readonly providerId?: string },
): RefundAnswer {
  if (answer.metadata?.reference !== asked.reference) throw nonsense('is about something else');
  if (asked.providerId !== undefined && answer.payment_intent !== asked.providerId) {
    throw nonsense('is about another intent');
  }
  if (!sameMoney(moneyOf(answer), asked.amount)) throw nonsense('has another amount or currency');
  return answer;
}

/** `requires_action` is a refund that waits for the shopper's bank details: it is not given back yet. */
export function refundNews({ status, failure_reason }: RefundAnswer): RefundNews {
  if (status === 'succeeded') return { status: 'SUCCEEDED' };
  if (status === 'pending' || status === 'requires_action') return { status: 'PENDING' };
  return { status: 'FAILED', failure: refundFailure(failure_reason ?? status) };
}

/** For staff, who may know. */
export function refundFailure(code: string | null): { readonly code: string; readonly message: string } {
  const told = code !== null && /^\w{1,100}$/.test(code) ? code : 'refused';
  return { code: told, message: `The payment provider did not give it back: ${told.replaceAll('_', ' ')}.` };
}
