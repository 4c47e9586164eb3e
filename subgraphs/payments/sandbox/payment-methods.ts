/**
 * The payment methods of play: what each does. The first four have the names that Stripe's test mode uses; `pm_sandbox_…` are the
 * sandbox's own, each one thing that providers do on a bad day.
 */
export interface Behaviour {
  readonly outcome: 'authorized' | 'declined' | 'requires_action' | 'pending';
  readonly failure?: { readonly code: string; readonly message: string };
  /** Answers so much later. Nothing happens before. */
  readonly delayMs?: number;
  /** The first tries are refused with 503. */
  readonly unavailableTries?: number;
  /** Does it, then drops the connection instead of answering, the first time. */
  readonly losesFirstAnswer?: boolean;
  /** Says it by webhook as well, in so many deliveries of the same id at the same time. */
  readonly webhookCopies?: number;
  /** The first captures are refused for now. */
  readonly failingCaptures?: number;
  /** Refunds are accepted and settled so much later; likewise authorizations that are pending. */
  readonly settlesAfterMs?: number;
  readonly refusesRefunds?: boolean;
}

const declined = (code: string, message: string): Behaviour => ({ outcome: 'declined', failure: { code, message } });
const authorized = (more: Partial<Behaviour> = {}): Behaviour => ({ outcome: 'authorized', ...more });

const METHODS: ReadonlyMap<string, Behaviour> = new Map([
  ['pm_card_visa', authorized()],
  ['pm_card_chargeDeclined', declined('card_declined', 'The card was declined.')],
  ['pm_card_chargeDeclinedInsufficientFunds', declined('insufficient_funds', 'The card has insufficient funds.')],
  ['pm_card_authenticationRequired', { outcome: 'requires_action' }],
  ['pm_sandbox_slow', authorized({ delayMs: 3_000 })],
  ['pm_sandbox_answerLost', authorized({ losesFirstAnswer: true })],
  ['pm_sandbox_unavailable', authorized({ unavailableTries: 2 })],
  ['pm_sandbox_webhookTwice', authorized({ webhookCopies: 2 })],
  ['pm_sandbox_webhookLate', { outcome: 'pending', settlesAfterMs: 2_000 }],
  ['pm_sandbox_captureFails', authorized({ failingCaptures: 2 })],
  ['pm_sandbox_refundFails', authorized({ refusesRefunds: true })],
]);

export function behaviourOf(paymentMethod: string): Behaviour {
  return METHODS.get(paymentMethod) ?? declined('invalid_payment_method', 'There is no such payment method.');
}

/** Twelve to nineteen digits in a row, however written: perhaps a card number, which has no business here. */
export function looksLikeCardNumber(text: string): boolean {
  return /\d{12,19}/.test(text.normalize('NFKC').replace(/[\s._\-/]/gu, ''));
}
