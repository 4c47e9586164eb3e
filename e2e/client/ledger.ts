// The double-entry ledger, read from its store: what payments says about itself is not evidence.
import { databaseName } from '@ebuy/tools/shop/databases.ts';
import pg from 'pg';
import { testShop } from './shop.ts';

export interface Ledger {
  /** Of the whole ledger, by currency. */
  readonly sums: readonly { readonly currency: string; readonly sum: number }[];
  /** Of the orders asked for: those whose entries do not sum to zero. */
  readonly unbalancedOrders: readonly string[];
  /** How many of the orders asked for have an amount held. */
  readonly heldOrders: number;
}

export async function readLedger(orderIds: readonly string[]): Promise<Ledger> {
  const server = testShop().engines.find(({ name }) => name === 'postgresql');
  if (server === undefined) throw new Error('This shop names no PostgreSQL');
  const url = new URL(server.url);
  url.pathname = `/${databaseName('payments', testShop().namespace)}`;
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    const sums = await client.query<{ currency: string; sum: string }>(
      'SELECT currency, sum(amount_minor)::text AS sum FROM ledger_entry GROUP BY currency ORDER BY currency',
    );
    const unbalanced = await client.query<{ order_id: string }>(
      `SELECT order_id FROM ledger_entry WHERE order_id = ANY($1::uuid[])
        GROUP BY order_id, currency HAVING sum(amount_minor) <> 0`,
      [orderIds],
    );
    const held = await client.query<{ order_id: string }>(
      `SELECT order_id FROM ledger_entry WHERE order_id = ANY($1::uuid[]) AND account = 'holds'
        GROUP BY order_id HAVING sum(amount_minor) <> 0`,
      [orderIds],
    );
    return {
      sums: sums.rows.map(({ currency, sum }) => ({ currency, sum: Number(sum) })),
      unbalancedOrders: unbalanced.rows.map(({ order_id }) => order_id),
      heldOrders: held.rows.length,
    };
  } finally {
    await client.end();
  }
}
