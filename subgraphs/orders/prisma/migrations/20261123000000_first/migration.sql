-- Orders, their lines and their history. Amounts are minor units of the order's one currency.
CREATE TABLE orders (
  id uuid PRIMARY KEY,
  number bigserial NOT NULL UNIQUE,
  version integer NOT NULL CHECK (version >= 1),
  status text NOT NULL
    CHECK (status IN ('AWAITING_STOCK', 'AWAITING_PAYMENT', 'CONFIRMED', 'SHIPPED', 'DELIVERED', 'CANCELLED')),
  cart_id uuid NOT NULL,
  user_id text,
  client_id text,
  email text NOT NULL,
  email_lower text NOT NULL GENERATED ALWAYS AS (lower(email)) STORED,
  shipping_address jsonb NOT NULL,
  shipping_option_code text NOT NULL,
  currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  subtotal_minor bigint NOT NULL CHECK (subtotal_minor >= 0),
  shipping_minor bigint NOT NULL CHECK (shipping_minor >= 0),
  tax_minor bigint NOT NULL CHECK (tax_minor >= 0),
  total_minor bigint NOT NULL,
  payment_method text,
  attempt_id uuid,
  attempt_state text CHECK (attempt_state IN ('REQUESTED', 'ACTION_REQUIRED', 'DECLINED', 'AUTHORIZED')),
  attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  authorization_ends_at timestamptz,
  deadline_at timestamptz,
  carrier text,
  tracking_number text,
  correlation_id text NOT NULL,
  placed_at timestamptz NOT NULL,
  CONSTRAINT total_is_the_sum CHECK (total_minor = subtotal_minor + shipping_minor + tax_minor),
  CONSTRAINT attempt_has_a_state CHECK ((attempt_id IS NULL) = (attempt_state IS NULL)),
  -- The payment method is kept only until the provider is asked.
  CONSTRAINT payment_method_is_forgotten CHECK (payment_method IS NULL OR status = 'AWAITING_STOCK'),
  -- Every wait has a deadline, and nothing else has one.
  CONSTRAINT waits_have_deadlines CHECK ((status IN ('AWAITING_STOCK', 'AWAITING_PAYMENT')) = (deadline_at IS NOT NULL))
);
CREATE INDEX orders_user_id_id_idx ON orders (user_id, id DESC);
CREATE INDEX orders_status_id_idx ON orders (status, id DESC);
CREATE INDEX orders_email_prefix ON orders (email_lower text_pattern_ops);
CREATE INDEX orders_overdue ON orders (deadline_at) WHERE deadline_at IS NOT NULL;
CREATE INDEX orders_authorization_ended ON orders (authorization_ends_at) WHERE status = 'CONFIRMED';

CREATE TABLE order_line (
  order_id uuid NOT NULL REFERENCES orders (id),
  position integer NOT NULL CHECK (position BETWEEN 0 AND 99),
  id uuid NOT NULL UNIQUE,
  product_id uuid NOT NULL,
  variant_id uuid NOT NULL,
  sku text NOT NULL,
  title text NOT NULL,
  quantity integer NOT NULL CHECK (quantity BETWEEN 1 AND 999),
  unit_price_minor bigint NOT NULL CHECK (unit_price_minor >= 0),
  tax_minor bigint NOT NULL CHECK (tax_minor >= 0),
  PRIMARY KEY (order_id, position)
);

-- One entry a version.
CREATE TABLE order_history (
  order_id uuid NOT NULL REFERENCES orders (id),
  version integer NOT NULL CHECK (version >= 1),
  status text NOT NULL,
  at timestamptz NOT NULL,
  reason text,
  note text,
  PRIMARY KEY (order_id, version)
);

-- How events leave and arrive, and what makes a repeated request harmless (see packages/events and packages/runtime).
CREATE TABLE outbox (
  id uuid PRIMARY KEY,
  position bigserial NOT NULL,
  topic text NOT NULL,
  key text NOT NULL,
  value text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  published_at timestamptz
);
CREATE INDEX outbox_unpublished ON outbox (position) WHERE published_at IS NULL;
CREATE INDEX outbox_published_at ON outbox (published_at) WHERE published_at IS NOT NULL;

CREATE FUNCTION notify_outbox() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NOTIFY outbox;
  RETURN NULL;
END $$;
CREATE TRIGGER outbox_inserted AFTER INSERT ON outbox FOR EACH STATEMENT EXECUTE FUNCTION notify_outbox();

CREATE TABLE inbox (
  consumer text NOT NULL,
  event_id uuid NOT NULL,
  received_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (consumer, event_id)
);
CREATE INDEX inbox_received_at ON inbox (received_at);

CREATE TABLE idempotency_key (
  principal text NOT NULL,
  operation text NOT NULL,
  key text NOT NULL,
  request_hash text NOT NULL,
  claim_id uuid NOT NULL,
  lease_until timestamptz NOT NULL,
  answer jsonb,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (principal, operation, key)
);
CREATE INDEX idempotency_key_created_at ON idempotency_key (created_at);
