/** What is told of an authorization and of a refund: in answers and in webhooks alike. */
export interface AuthorizationRow {
  readonly id: string;
  readonly reference: string;
  readonly order_id: string;
  readonly payment_method: string;
  readonly status: 'pending' | 'requires_action' | 'authorized' | 'declined' | 'captured' | 'voided';
  /** PostgreSQL's bigint, as text. */
  readonly amount_minor: string;
  readonly currency: string;
  readonly captured_minor: string;
  readonly refunded_minor: string;
  readonly capture_tries: number;
  readonly expires_at: Date;
  readonly action_token: string | null;
  readonly failure: { readonly code: string; readonly message: string } | null;
}

export interface RefundRow {
  readonly id: string;
  readonly reference: string;
  readonly authorization_id: string;
  readonly status: 'pending' | 'succeeded' | 'failed';
  readonly amount_minor: string;
  readonly currency: string;
  readonly failure: { readonly code: string; readonly message: string } | null;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export const refused = (status: number, code: string, message: string): Answer => ({
  status,
  body: { error: { code, message } },
});

/** What is booked of a charge: for whoever asks for it, and for the books. */
export function presentBooked(row: AuthorizationRow) {
  return {
    id: row.id,
    reference: row.reference,
    orderId: row.order_id,
    status: row.status,
    amountMinor: Number(row.amount_minor),
    currency: row.currency,
    capturedMinor: Number(row.captured_minor),
    refundedMinor: Number(row.refunded_minor),
  };
}

export function presentAuthorization(row: AuthorizationRow, publicUrl: string) {
  const open = row.status === 'requires_action' && row.action_token !== null;
  return {
    ...presentBooked(row),
    expiresAt: row.expires_at.toISOString(),
    nextActionUrl: open ? `${publicUrl}/actions/${row.action_token}` : null,
    failure: row.failure,
  };
}

export function presentRefund(row: RefundRow) {
  return {
    id: row.id,
    reference: row.reference,
    authorizationId: row.authorization_id,
    status: row.status,
    amountMinor: Number(row.amount_minor),
    currency: row.currency,
    failure: row.failure,
  };
}
