/** The provider's own store. Tables are made at the start where they are missing. */
import { committing } from '@ebuy/events';
import pg from 'pg';

const TABLES = `
CREATE TABLE IF NOT EXISTS card_authorization (
  id text PRIMARY KEY,
  reference uuid NOT NULL UNIQUE,
  order_id uuid NOT NULL,
  payment_method text NOT NULL,
  status text NOT NULL CHECK (status IN ('pending', 'requires_action', 'authorized', 'declined', 'captured', 'voided')),
  amount_minor bigint NOT NULL CHECK (amount_minor BETWEEN 0 AND 9007199254740991),
  currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  captured_minor bigint NOT NULL DEFAULT 0 CHECK (captured_minor BETWEEN 0 AND amount_minor),
  refunded_minor bigint NOT NULL DEFAULT 0 CHECK (refunded_minor BETWEEN 0 AND captured_minor),
  capture_tries integer NOT NULL DEFAULT 0,
  expires_at timestamptz NOT NULL,
  action_token text UNIQUE,
  failure jsonb,
  settles_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX IF NOT EXISTS authorization_order_id ON card_authorization (order_id);
CREATE INDEX IF NOT EXISTS authorization_created_at ON card_authorization (created_at, id);
CREATE INDEX IF NOT EXISTS authorization_settles_at ON card_authorization (settles_at) WHERE settles_at IS NOT NULL;

CREATE TABLE IF NOT EXISTS refund (
  id text PRIMARY KEY,
  reference uuid NOT NULL UNIQUE,
  authorization_id text NOT NULL REFERENCES card_authorization (id),
  status text NOT NULL CHECK (status IN ('pending', 'succeeded', 'failed')),
  amount_minor bigint NOT NULL CHECK (amount_minor > 0),
  currency text NOT NULL,
  failure jsonb,
  settles_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX IF NOT EXISTS refund_settles_at ON refund (settles_at) WHERE settles_at IS NOT NULL;

-- The first answer to each idempotency key, to be given again.
CREATE TABLE IF NOT EXISTS kept_answer (
  idempotency_key text PRIMARY KEY,
  request_hash text NOT NULL,
  body text,
  status integer,
  created_at timestamptz NOT NULL DEFAULT now()
);

-- How often a request was made, for methods that misbehave the first times.
CREATE TABLE IF NOT EXISTS trial (idempotency_key text PRIMARY KEY, tries integer NOT NULL, created_at timestamptz NOT NULL DEFAULT now());

CREATE TABLE IF NOT EXISTS webhook (
  id text PRIMARY KEY,
  body text NOT NULL,
  copies integer NOT NULL DEFAULT 1,
  tries integer NOT NULL DEFAULT 0,
  due_at timestamptz NOT NULL DEFAULT now(),
  delivered_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX IF NOT EXISTS webhook_due_at ON webhook (due_at) WHERE delivered_at IS NULL;
`;

const TABLES_LOCK = 0x7361_6e64;
const PATIENCE_MS = 30_000;

export type Database = pg.Pool;

/** Waits half a minute for a database that is still starting. */
export async function openDatabase(url: string): Promise<Database> {
  const pool = new pg.Pool({
    connectionString: url,
    max: 10,
    application_name: 'payments-sandbox',
    connectionTimeoutMillis: 5_000,
    statement_timeout: 10_000,
    idle_in_transaction_session_timeout: 20_000,
  });
  pool.on('error', () => undefined);
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      await inTransaction(pool, async (client) => {
        await client.query('SELECT pg_advisory_xact_lock($1)', [TABLES_LOCK]);
        await client.query(TABLES);
      });
      return pool;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}

export async function inTransaction<Result>(
  database: Database,
  work: (client: pg.PoolClient) => Promise<Result>,
): Promise<Result> {
  const client = await database.connect();
  let broken: Error | undefined;
  // Between two statements nobody else hears that the connection broke; the next statement fails of it.
  const note = (error: Error): void => {
    broken = error;
  };
  client.on('error', note);
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await committing(() => client.query('COMMIT'));
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch((failure: Error) => {
      broken = failure;
    });
    throw error;
  } finally {
    client.off('error', note);
    client.release(broken);
  }
}
