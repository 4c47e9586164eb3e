/** What a Stripe account does with intents and refunds, as its guides say. Test cards: https://docs.stripe.com/testing. */
import { randomBytes } from 'node:crypto';
import { type IntentStatus, type StagedIntent, type StagedRefund, StripeNo } from './shapes.ts';

const SEVEN_DAYS = 7 * 86_400;
const DECLINES: Readonly<Record<string, readonly [code: string, declineCode?: string]>> = {
  pm_card_chargeDeclined: ['card_declined', 'generic_decline'],
  pm_card_chargeDeclinedInsufficientFunds: ['card_declined', 'insufficient_funds'],
  pm_card_chargeDeclinedLostCard: ['card_declined', 'lost_card'],
  pm_card_chargeDeclinedFraudulent: ['card_declined', 'fraudulent'],
  pm_card_chargeDeclinedExpiredCard: ['expired_card'],
  pm_card_chargeDeclinedProcessingError: ['processing_error'],
};
const GOOD = ['pm_card_visa', 'pm_card_mastercard', 'pm_card_pendingRefund', 'pm_card_authenticationRequired'];
const NO_DECIMALS_ANY_MORE = ['isk', 'ugx'];
const THREE_DECIMALS = ['bhd', 'jod', 'kwd', 'omr', 'tnd'];
const CURRENCIES = ['eur', 'usd', 'gbp', 'jpy', 'huf', 'twd', 'mga', ...NO_DECIMALS_ANY_MORE, ...THREE_DECIMALS];

export type Tell = (type: string, object: unknown) => void;
export interface CreateIntent {
  readonly amount: number;
  readonly currency: string;
  readonly paymentMethod: string;
  readonly returnUrl: string;
  readonly metadata: Readonly<Record<string, string>>;
}

const idOf = (prefix: string) => `${prefix}_3${randomBytes(12).toString('hex')}`;
const nowSeconds = () => Math.floor(Date.now() / 1_000);

export class Bank {
  readonly intents = new Map<string, StagedIntent>();
  readonly refunds = new Map<string, StagedRefund>();
  readonly #tell: Tell;
  readonly #pageOf: (intentId: string) => string;

  constructor(tell: Tell, pageOf: (intentId: string) => string) {
    this.#tell = tell;
    this.#pageOf = pageOf;
  }

  createConfirmed({ amount, currency, paymentMethod, returnUrl, metadata }: CreateIntent): StagedIntent {
    checkAmount(amount, currency);
    if (!GOOD.includes(paymentMethod) && DECLINES[paymentMethod] === undefined) {
      const message = `No such PaymentMethod: '${paymentMethod}'`;
      throw new StripeNo(400, { code: 'resource_missing', param: 'payment_method', message });
    }
    const id = idOf('pi');
    const intent: StagedIntent = {
      id,
      object: 'payment_intent',
      livemode: false,
      created: nowSeconds(),
      amount,
      currency,
      capture_method: 'manual',
      client_secret: `${id}_secret_${randomBytes(12).toString('hex')}`,
      metadata,
      payment_method: paymentMethod,
      amount_capturable: 0,
      amount_received: 0,
      canceled_at: null,
      cancellation_reason: null,
      status: 'requires_payment_method',
      next_action: null,
      last_payment_error: null,
      latest_charge: null,
    };
    this.intents.set(id, intent);
    this.#tell('payment_intent.created', intent);
    const decline = DECLINES[paymentMethod];
    if (decline !== undefined) this.#decline(intent, ...decline);
    if (paymentMethod !== 'pm_card_authenticationRequired') return this.#hold(intent);
    intent.status = 'requires_action';
    intent.next_action = {
      type: 'redirect_to_url',
      redirect_to_url: { url: this.#pageOf(id), return_url: returnUrl },
    };
    this.#tell('payment_intent.requires_action', intent);
    return intent;
  }

  /** The bank's page: the shopper confirms, or does not. */
  secondStep(id: string, approve: boolean): void {
    const intent = this.intent(id);
    if (intent.status !== 'requires_action') return;
    intent.next_action = null;
    if (approve) {
      this.#hold(intent);
      return;
    }
    intent.status = 'requires_payment_method';
    const message = 'We are unable to authenticate your payment method.';
    intent.last_payment_error = { type: 'card_error', code: 'payment_intent_authentication_failure', message };
    this.#tell('payment_intent.payment_failed', intent);
  }

  capture(id: string, amount: number): StagedIntent {
    const intent = this.intent(id);
    this.#mustBe(intent, ['requires_capture'], 'capture');
    if (amount > intent.amount_capturable) {
      throw new StripeNo(400, { code: 'amount_too_large', param: 'amount_to_capture', message: 'Too much.' });
    }
    intent.status = 'succeeded';
    intent.amount_received = amount;
    intent.amount_capturable = 0;
    if (intent.latest_charge !== null) Object.assign(intent.latest_charge, { captured: true, amount_captured: amount });
    this.#tell('payment_intent.succeeded', intent);
    return intent;
  }

  cancel(id: string, reason: string | null = null): StagedIntent {
    const intent = this.intent(id);
    this.#mustBe(intent, ['requires_payment_method', 'requires_action', 'requires_capture'], 'cancel');
    intent.status = 'canceled';
    intent.canceled_at = nowSeconds();
    intent.cancellation_reason = reason;
    intent.amount_capturable = 0;
    intent.next_action = null;
    this.#tell('payment_intent.canceled', intent);
    return intent;
  }

  refund(intentId: string, amount: number, metadata: Readonly<Record<string, string>>): StagedRefund {
    const intent = this.intent(intentId);
    const charge = intent.latest_charge;
    if (charge === null || intent.status !== 'succeeded') {
      throw new StripeNo(400, {
        message: `This PaymentIntent (${intentId}) does not have a successful charge to refund.`,
      });
    }
    const left = charge.amount_captured - charge.amount_refunded;
    if (left === 0) throw new StripeNo(400, { code: 'charge_already_refunded', message: 'Already refunded.' });
    if (amount > left) throw new StripeNo(400, { param: 'amount', message: 'More than is left.' });
    charge.amount_refunded += amount;
    const pending = intent.payment_method === 'pm_card_pendingRefund';
    const refund: StagedRefund = {
      id: idOf('re'),
      object: 'refund',
      created: nowSeconds(),
      amount,
      currency: intent.currency,
      charge: charge.id,
      payment_intent: intentId,
      metadata,
      reason: null,
      status: pending ? 'pending' : 'succeeded',
    };
    this.refunds.set(refund.id, refund);
    this.#tell('refund.created', refund);
    this.#tell('charge.refunded', charge);
    return refund;
  }

  settleRefund(id: string, status: 'succeeded' | 'failed'): void {
    const refund = this.refunds.get(id);
    if (refund === undefined) throw new Error(`no refund ${id}`);
    refund.status = status;
    if (status === 'failed') {
      refund.failure_reason = 'expired_or_canceled_card';
      const charge = this.intent(refund.payment_intent).latest_charge;
      if (charge !== null) charge.amount_refunded -= refund.amount;
    }
    this.#tell(status === 'failed' ? 'refund.failed' : 'refund.updated', refund);
  }

  intent(id: string): StagedIntent {
    const intent = this.intents.get(id);
    if (intent !== undefined) return intent;
    throw new StripeNo(404, { code: 'resource_missing', param: 'intent', message: `No such payment_intent: '${id}'` });
  }

  #hold(intent: StagedIntent): StagedIntent {
    intent.status = 'requires_capture';
    intent.amount_capturable = intent.amount;
    intent.latest_charge = {
      id: idOf('ch'),
      object: 'charge',
      created: nowSeconds(),
      amount_captured: 0,
      amount_refunded: 0,
      captured: false,
      payment_method_details: { type: 'card', card: { capture_before: nowSeconds() + SEVEN_DAYS } },
    };
    this.#tell('payment_intent.amount_capturable_updated', intent);
    return intent;
  }

  #decline(intent: StagedIntent, code: string, declineCode?: string): never {
    const message = 'Your card was declined, and this is what its bank told Stripe.';
    const error = {
      type: 'card_error' as const,
      code,
      ...(declineCode === undefined ? {} : { decline_code: declineCode }),
      message,
    };
    intent.last_payment_error = error;
    this.#tell('payment_intent.payment_failed', intent);
    throw new StripeNo(402, { ...error, payment_intent: structuredClone(intent) });
  }

  #mustBe(intent: StagedIntent, statuses: readonly IntentStatus[], what: string): void {
    if (statuses.includes(intent.status)) return;
    const message = `You cannot ${what} this PaymentIntent because it has a status of ${intent.status}.`;
    throw new StripeNo(400, {
      code: 'payment_intent_unexpected_state',
      message,
      payment_intent: structuredClone(intent),
    });
  }
}

function checkAmount(amount: number, currency: string): void {
  const no = (code: string, param: string) => new StripeNo(400, { code, param, message: 'Invalid.' }, false);
  if (!CURRENCIES.includes(currency))
    throw new StripeNo(400, { param: 'currency', message: 'Invalid currency.' }, false);
  if (!Number.isInteger(amount) || amount < 1) throw no('parameter_invalid_integer', 'amount');
  if (amount > 99_999_999) throw no('amount_too_large', 'amount');
  if (NO_DECIMALS_ANY_MORE.includes(currency) && amount % 100 !== 0) throw no('invalid_charge_amount', 'amount');
  if (THREE_DECIMALS.includes(currency) && amount % 10 !== 0) throw no('invalid_charge_amount', 'amount');
}
