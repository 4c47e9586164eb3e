/**
 * Taking what an intent holds, and letting go of it. Either happens to an intent at most once, whatever is asked, so the intent itself
 * says how a request ended that was answered with an error.
 *
 * Stripe keeps the first answer to an idempotency key, also an error, and gives it again for a day or more
 * (https://docs.stripe.com/api/idempotent_requests): with the same key only, a bank that was away for a second would be away until the
 * hold has ended. So an error that is only said again is asked about once more under another key.
 */
import { Fault, newId } from '@ebuy/kernel';
import type { CaptureOutcome, FollowUp, VoidOutcome } from './provider.ts';
import { toStripe } from './stripe-amounts.ts';
import { checkedIntent, type IntentAnswer, nonsense } from './stripe-answers.ts';
import { type Asked, misunderstanding, StoredError, type StripeRefusal } from './stripe-client.ts';
import { declined, refusedAs } from './stripe-failures.ts';
import { type Talk, WITH_CHARGE } from './stripe-talk.ts';

/** Of a hold that has ended, or never held as much: it will not get better. */
const NEVER: ReadonlySet<string> = new Set([
  'amount_too_large',
  'capture_charge_authorization_expired',
  'charge_expired_for_capture',
]);

export async function captureIntent(stripe: Talk, request: FollowUp): Promise<CaptureOutcome> {
  const units = toStripe(request.amount);
  if (units === null) return { status: 'FAILED', failure: refusedAs('amount_not_supported'), final: true };
  const { providerId } = request;
  const { intent, problem } = await change(stripe, request, ['requires_capture'], (key) =>
    stripe.ask(({ paymentIntents }, { timeout }) =>
      paymentIntents.capture(
        providerId,
        { amount_to_capture: units.amount, expand: WITH_CHARGE },
        { idempotencyKey: key, timeout },
      ),
    ),
  );
  const refusal = problem instanceof StoredError ? null : problem;
  if (refusal !== null && isForGood(refusal)) {
    return { status: 'FAILED', failure: inStripesWords(refusal.code ?? 'refused'), final: true };
  }
  checkedIntent(intent, request);
  if (intent.status === 'succeeded') return { status: 'CAPTURED' };
  if (problem === null) throw nonsense('is not captured');
  if (intent.status !== 'requires_capture') {
    return { status: 'FAILED', failure: inStripesWords(`is_${intent.status}`), final: true };
  }
  if (problem instanceof StoredError) throw problem;
  if (problem.kind === 'card') return { status: 'FAILED', failure: declined(problem), final: false };
  throw misunderstanding(problem);
}

const isForGood = ({ code, param }: StripeRefusal): boolean => NEVER.has(code ?? '') || param === 'amount_to_capture';

const OPEN: readonly IntentAnswer['status'][] = [
  'requires_payment_method',
  'requires_confirmation',
  'requires_action',
  'requires_capture',
];

export async function voidIntent(stripe: Talk, request: FollowUp): Promise<VoidOutcome> {
  const { intent, problem } = await change(stripe, request, OPEN, (key) =>
    stripe.ask(({ paymentIntents }, { timeout }) =>
      paymentIntents.cancel(request.providerId, { expand: WITH_CHARGE }, { idempotencyKey: key, timeout }),
    ),
  );
  checkedIntent(intent, request);
  if (intent.status === 'canceled') return { status: 'VOIDED' };
  if (intent.status === 'succeeded') return { status: 'REFUSED', failure: inStripesWords('is_captured') };
  if (problem === null) throw nonsense('is not void');
  if (problem instanceof StoredError) throw problem;
  if (intent.status === 'processing') throw new Fault('Stripe is still busy with this intent', { retryable: true });
  throw misunderstanding(problem);
}

/** What has become of the intent, and what was said instead of doing it. `open`: the statuses in which it can still be done. */
async function change(
  stripe: Talk,
  { idempotencyKey, providerId }: FollowUp,
  open: readonly IntentAnswer['status'][],
  request: (key: string) => Promise<Asked>,
): Promise<{ readonly intent: IntentAnswer; readonly problem: StripeRefusal | StoredError | null }> {
  const first = await request(idempotencyKey).catch(storedError);
  if (!(first instanceof StoredError) && first.ok) return { intent: stripe.intentOf(first.json), problem: null };
  const intent = await stripe.intent(providerId);
  const problem = first instanceof StoredError ? first : first.refusal;
  if (!(problem instanceof StoredError || problem.replayed) || !open.includes(intent.status))
    return { intent, problem };
  const second = await request(`${idempotencyKey}/${newId()}`);
  return second.ok
    ? { intent: stripe.intentOf(second.json), problem: null }
    : { intent: await stripe.intent(providerId), problem: second.refusal };
}

function storedError(error: unknown): StoredError {
  if (error instanceof StoredError) return error;
  throw error;
}

/** For staff and logs. */
const inStripesWords = (code: string) => ({ code, message: `Stripe says: ${code.replaceAll('_', ' ')}.` });
