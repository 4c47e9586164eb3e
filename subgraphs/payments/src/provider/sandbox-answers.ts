/** What the sandbox provider says, checked: nothing else of it is believed. */
import { Fault } from '@ebuy/kernel';
import { z } from 'zod';
import type { AuthorizationNews } from '../domain/authorizing.ts';
import type { RefundNews } from '../domain/refunding.ts';
import type { BookedCharge } from './provider.ts';

const minor = z.number().int().nonnegative();
const currency = z.string().regex(/^[A-Z]{3}$/);
const providerId = z.string().regex(/^[\w-]{1,100}$/);
const reference = z.uuid();
const text = (most: number) => z.string().min(1).max(most);
const failure = z.object({ code: text(100), message: text(500) });
const webPage = z.url({ protocol: /^https?$/ }).max(2_000);

export const authorizationAnswer = z.object({
  id: providerId,
  reference,
  status: z.enum(['pending', 'requires_action', 'authorized', 'declined', 'captured', 'voided']),
  amountMinor: minor,
  currency,
  capturedMinor: minor,
  expiresAt: z.iso.datetime().nullable(),
  nextActionUrl: webPage.nullable(),
  failure: failure.nullable(),
});
export type AuthorizationAnswer = z.infer<typeof authorizationAnswer>;

export const refundAnswer = z.object({
  id: providerId,
  reference,
  status: z.enum(['pending', 'succeeded', 'failed']),
  amountMinor: minor,
  currency,
  failure: failure.nullable(),
});
export type RefundAnswer = z.infer<typeof refundAnswer>;

export const authorizationList = z.object({ authorizations: z.array(authorizationAnswer).max(1) });
export const refundList = z.object({ refunds: z.array(refundAnswer).max(1) });

const chargeAnswer = authorizationAnswer
  .pick({ id: true, status: true, amountMinor: true, currency: true, capturedMinor: true })
  .extend({ reference, orderId: z.uuid(), refundedMinor: minor, createdAt: z.iso.datetime() });
export const chargeList = z.object({ charges: z.array(chargeAnswer).max(100), next: providerId.nullable() });
export const refusalAnswer = z.object({ error: failure });

export const webhookBody = z.discriminatedUnion('type', [
  z.object({ type: z.literal('authorization.updated'), data: authorizationAnswer }),
  z.object({ type: z.literal('refund.updated'), data: refundAnswer }),
]);

/** A captured one was authorized: the capture is asked about by itself. */
export function authorizationNews(answer: AuthorizationAnswer): AuthorizationNews {
  const { id: providerId } = answer;
  switch (answer.status) {
    case 'pending':
      return { status: 'PENDING', providerId };
    case 'requires_action':
      return { status: 'REQUIRES_ACTION', providerId, nextActionUrl: given(answer.nextActionUrl, 'nextActionUrl') };
    case 'authorized':
    case 'captured':
      return { status: 'AUTHORIZED', providerId, endsAt: new Date(given(answer.expiresAt, 'expiresAt')) };
    case 'declined':
      return { status: 'DECLINED', providerId, failure: given(answer.failure, 'failure') };
    case 'voided':
      return { status: 'VOIDED', providerId };
  }
}

export function refundNews(answer: RefundAnswer): RefundNews {
  switch (answer.status) {
    case 'pending':
      return { status: 'PENDING' };
    case 'succeeded':
      return { status: 'SUCCEEDED' };
    case 'failed':
      return { status: 'FAILED', failure: given(answer.failure, 'failure') };
  }
}

const BOOKED: { readonly [Status in AuthorizationAnswer['status']]: BookedCharge['status'] } = {
  pending: 'PENDING',
  requires_action: 'PENDING',
  authorized: 'HELD',
  declined: 'DECLINED',
  captured: 'CAPTURED',
  voided: 'VOIDED',
};

export function bookedCharge(answer: z.infer<typeof chargeAnswer>): BookedCharge {
  const { id, reference, orderId, amountMinor, currency, capturedMinor, refundedMinor } = answer;
  return {
    providerId: id,
    reference,
    orderId,
    amount: { amountMinor, currency },
    status: BOOKED[answer.status],
    capturedMinor,
    refundedMinor,
    bookedAt: new Date(answer.createdAt),
  };
}

function given<Value>(value: Value | null, name: string): Value {
  if (value === null) throw new Fault(`The sandbox provider's answer lacks ${name}`, { retryable: false });
  return value;
}
