/** What was held, taken and given back in all: for whoever compares the shop's books with the provider's. */
import { z } from 'zod';
import { type Answer, type AuthorizationRow, presentBooked, refused } from './answers.ts';
import type { Database } from './database.ts';

export const chargesQuery = z.object({ orderId: z.uuid().optional() });

interface TotalsRow {
  readonly currency: string;
  readonly authorizations: string;
  readonly held_minor: string;
  readonly captured_minor: string;
  readonly refunded_minor: string;
}

/** `paidTwice`: orders with more than one authorization that is held or captured. There is none. */
export async function totalCharges(database: Database, { orderId }: z.infer<typeof chargesQuery>): Promise<Answer> {
  const { rows } = await database.query<TotalsRow>(
    `SELECT currency, count(*) AS authorizations,
            COALESCE(sum(amount_minor) FILTER (WHERE status = 'authorized'), 0) AS held_minor,
            sum(captured_minor) AS captured_minor, sum(refunded_minor) AS refunded_minor
       FROM card_authorization WHERE $1::uuid IS NULL OR order_id = $1 GROUP BY currency ORDER BY currency`,
    [orderId ?? null],
  );
  const { rows: twice } = await database.query<{ orders: string }>(
    `SELECT count(*) AS orders FROM (
       SELECT order_id FROM card_authorization WHERE status IN ('authorized', 'captured') AND ($1::uuid IS NULL OR order_id = $1)
        GROUP BY order_id HAVING count(*) > 1) paid_twice`,
    [orderId ?? null],
  );
  const totals = rows.map((row) => ({
    currency: row.currency,
    authorizations: Number(row.authorizations),
    heldMinor: Number(row.held_minor),
    capturedMinor: Number(row.captured_minor),
    refundedMinor: Number(row.refunded_minor),
  }));
  return { status: 200, body: { totals, paidTwice: Number(twice[0]?.orders ?? 0) } };
}

const MOST_CHARGES = 100;

export const listQuery = z.object({ since: z.iso.datetime(), after: z.string().max(100).optional() });

type ChargeRow = AuthorizationRow & { readonly created_at: Date };

/** The books, oldest first, a page at a time: what was made since a moment, after a charge that a page ended with. */
export async function listCharges(database: Database, { since, after }: z.infer<typeof listQuery>): Promise<Answer> {
  if (after !== undefined) {
    const { rowCount } = await database.query('SELECT FROM card_authorization WHERE id = $1', [after]);
    if (rowCount === 0) return refused(400, 'unknown_authorization', 'after must be the id of a charge.');
  }
  const { rows } = await database.query<ChargeRow>(
    `SELECT * FROM card_authorization
      WHERE created_at >= $1
        AND ($2::text IS NULL OR (created_at, id) > (SELECT created_at, id FROM card_authorization WHERE id = $2))
      ORDER BY created_at, id LIMIT ${MOST_CHARGES + 1}`,
    [since, after ?? null],
  );
  const page = rows.slice(0, MOST_CHARGES);
  const next = rows.length > MOST_CHARGES ? (page.at(-1)?.id ?? null) : null;
  return {
    status: 200,
    body: { charges: page.map((row) => ({ ...presentBooked(row), createdAt: row.created_at.toISOString() })), next },
  };
}
