/** Objects as the API reference of version 2026-10-28.endive has them (https://docs.stripe.com/api): our reading of it. */

export interface StagedCharge {
  readonly id: string;
  readonly object: 'charge';
  readonly created: number;
  amount_captured: number;
  amount_refunded: number;
  captured: boolean;
  readonly payment_method_details: { readonly type: 'card'; readonly card: { readonly capture_before: number } };
}

export type IntentStatus =
  | 'requires_payment_method'
  | 'requires_action'
  | 'processing'
  | 'requires_capture'
  | 'canceled'
  | 'succeeded';

export interface StagedIntent {
  readonly id: string;
  readonly object: 'payment_intent';
  readonly livemode: boolean;
  readonly created: number;
  readonly amount: number;
  readonly currency: string;
  readonly capture_method: 'manual';
  readonly client_secret: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly payment_method: string;
  amount_capturable: number;
  amount_received: number;
  canceled_at: number | null;
  cancellation_reason: string | null;
  status: IntentStatus;
  next_action: {
    readonly type: 'redirect_to_url';
    readonly redirect_to_url: { readonly url: string; readonly return_url: string };
  } | null;
  last_payment_error: {
    readonly type: 'card_error';
    readonly code: string;
    readonly decline_code?: string;
    readonly message: string;
  } | null;
  latest_charge: StagedCharge | null;
}

export interface StagedRefund {
  readonly id: string;
  readonly object: 'refund';
  readonly created: number;
  readonly amount: number;
  readonly currency: string;
  readonly charge: string | null;
  readonly payment_intent: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly reason: string | null;
  status: 'pending' | 'succeeded' | 'failed';
  failure_reason?: string;
}

/** As answered: the charge is its id unless it was asked to be expanded. */
export const present = (intent: StagedIntent, withCharge: boolean) => ({
  ...intent,
  latest_charge: withCharge ? intent.latest_charge : (intent.latest_charge?.id ?? null),
});

export const eventOf = (id: string, type: string, object: unknown) => ({
  id,
  object: 'event',
  api_version: '2026-10-28.endive',
  created: Math.floor(Date.now() / 1_000),
  livemode: false,
  pending_webhooks: 1,
  request: { id: null, idempotency_key: null },
  type,
  data: { object: structuredClone(object) },
});

/** An answer that is an error (https://docs.stripe.com/api/errors). `keeps`: the endpoint had begun, so the key remembers it. */
export class StripeNo extends Error {
  readonly status: number;
  readonly error: Readonly<Record<string, unknown>>;
  readonly keeps: boolean;

  constructor(status: number, error: Readonly<Record<string, unknown>>, keeps = true) {
    super(String(error.message ?? error.code));
    this.status = status;
    this.error = { type: status === 402 ? 'card_error' : 'invalid_request_error', ...error };
    this.keeps = keeps;
  }
}
