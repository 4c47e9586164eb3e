/**
 * What payments needs of a payment provider. Each implementation passes tests/provider.contract.test.ts.
 *
 * Every call has a deadline and an idempotency key: asked again with the same key, the provider does it once. What an implementation
 * returns it has checked: the shape, and that amount and currency are those that were asked for.
 *
 * Throws a retryable Fault when the outcome is not known (no answer, an overloaded provider), and another when the answer makes no sense.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { Money } from '@ebuy/kernel';
import type { AuthorizationNews } from '../domain/authorizing.ts';
import type { Failure } from '../domain/payment.ts';
import type { RefundNews } from '../domain/refunding.ts';

/** What every call says: the key that makes it happen once, and the money it is about. */
interface Asked {
  readonly idempotencyKey: string;
  readonly amount: Money;
}

export interface AuthorizationRequest extends Asked {
  /** Our name for it, by which it is found again. */
  readonly reference: string;
  readonly orderId: string;
  readonly paymentMethod: string;
}

/** Of an authorization, by the provider's name for it. */
export interface FollowUp extends Asked {
  readonly providerId: string;
  readonly reference: string;
}

export interface RefundCall extends Asked {
  readonly providerId: string;
  /** Our name for the refund. */
  readonly reference: string;
}

export type CaptureOutcome =
  | { readonly status: 'CAPTURED' }
  /** `final`: it will never succeed. */
  | { readonly status: 'FAILED'; readonly failure: Failure; readonly final: boolean };

/** VOIDED: nothing is held any more, whether by this call or before it. */
export type VoidOutcome = { readonly status: 'VOIDED' } | { readonly status: 'REFUSED'; readonly failure: Failure };

export interface FoundAuthorization {
  readonly news: AuthorizationNews;
  readonly captured: boolean;
}

/** One authorization as the provider's own books have it: for reconciliation, which believes nothing else. */
export interface BookedCharge {
  readonly providerId: string;
  /** Our name for it, and the order's; null when it was not made by us. */
  readonly reference: string | null;
  readonly orderId: string | null;
  readonly amount: Money;
  readonly status: 'PENDING' | 'HELD' | 'CAPTURED' | 'VOIDED' | 'DECLINED';
  readonly capturedMinor: number;
  readonly refundedMinor: number;
  readonly bookedAt: Date;
}

export interface BookedPage {
  /** Oldest first, at most a hundred. */
  readonly charges: readonly BookedCharge[];
  /** Where the next page begins; null at the end. */
  readonly next: string | null;
}

/** What a webhook says. `id` is the provider's own of this piece of news: the same id is the same news. */
export type ProviderNews =
  | {
      readonly about: 'authorization';
      readonly id: string;
      readonly reference: string;
      readonly amount: Money;
      readonly news: AuthorizationNews;
    }
  | {
      readonly about: 'refund';
      readonly id: string;
      readonly reference: string;
      readonly amount: Money;
      readonly news: RefundNews;
    }
  /** Something that payments does not act upon. */
  | { readonly about: 'nothing'; readonly id: string };

/** A webhook that is not the provider's, or not readable. It changes nothing. */
export class WebhookRefused extends Error {
  override readonly name = 'WebhookRefused';
  /** 401: not signed as it should be. 400: signed and not understood. */
  readonly status: 400 | 401;

  constructor(status: 400 | 401, message: string) {
    super(message);
    this.status = status;
  }
}

export interface PaymentProvider {
  /** As in the path of its webhooks. */
  readonly name: string;
  authorize(request: AuthorizationRequest): Promise<AuthorizationNews>;
  capture(request: FollowUp): Promise<CaptureOutcome>;
  void(request: FollowUp): Promise<VoidOutcome>;
  refund(request: RefundCall): Promise<RefundNews>;
  /**
   * Null when the provider knows none: an authorization whose answer was lost is found here. With the provider's name for the
   * authorization, where it is known, it is found for less.
   */
  findAuthorization(reference: string, amount: Money, providerId?: string | null): Promise<FoundAuthorization | null>;
  findRefund(reference: string, amount: Money, providerId?: string | null): Promise<RefundNews | null>;
  /** What was booked since a moment, a page at a time. */
  listCharges(since: Date, after: string | null): Promise<BookedPage>;
  /** Checks the signature over the exact bytes, then reads them. Throws {@link WebhookRefused}. */
  readWebhook(headers: IncomingHttpHeaders, body: Buffer, now: Date): ProviderNews;
  close(): Promise<void>;
}
