// What the payment provider's own books say: the sandbox keeps them in a database that the shop's services cannot open.
import type { Stores } from '../stores.ts';

export interface ChargeRow {
  readonly id: string;
  /** The shop's name for it: the attempt. */
  readonly reference: string;
  readonly orderId: string;
  readonly status: string;
  readonly currency: string;
  readonly amountMinor: number;
  readonly capturedMinor: number;
  readonly refundedMinor: number;
  readonly refunds: readonly {
    readonly id: string;
    readonly reference: string;
    readonly status: string;
    readonly amountMinor: number;
  }[];
}

const CHARGES = `
  SELECT a.id, a.reference, a.order_id AS "orderId", a.status, a.currency, a.amount_minor::float8 AS "amountMinor",
    a.captured_minor::float8 AS "capturedMinor", a.refunded_minor::float8 AS "refundedMinor", coalesce(r.refunds, '[]') AS refunds
  FROM card_authorization a
  LEFT JOIN (SELECT authorization_id, json_agg(json_build_object('id', id, 'reference', reference, 'status', status,
               'amountMinor', amount_minor) ORDER BY id) AS refunds
               FROM refund GROUP BY authorization_id) r ON r.authorization_id = a.id`;

/** By order: an order has one for each card that was tried. */
export async function readCharges({ provider }: Stores): Promise<ReadonlyMap<string, readonly ChargeRow[]>> {
  const { rows } = await provider.query<ChargeRow>(CHARGES);
  return Map.groupBy(rows, ({ orderId }) => orderId);
}
