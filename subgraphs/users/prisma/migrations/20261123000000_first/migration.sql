-- `user` is a reserved word of SQL, so the table has another name.
CREATE TABLE shop_user (
  -- The identity provider's subject.
  id text PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 255),
  version integer NOT NULL CHECK (version >= 1),
  email text,
  display_name text,
  created_at timestamptz(3) NOT NULL,
  updated_at timestamptz(3) NOT NULL
);

CREATE TABLE address (
  id uuid PRIMARY KEY,
  user_id text NOT NULL REFERENCES shop_user (id),
  recipient text NOT NULL,
  line1 text NOT NULL,
  line2 text,
  city text NOT NULL,
  region text,
  postal_code text,
  country_code text NOT NULL CHECK (country_code ~ '^[A-Z]{2}$'),
  phone text,
  is_default boolean NOT NULL
);
CREATE INDEX address_user_id_idx ON address (user_id);
CREATE UNIQUE INDEX address_one_default_a_user ON address (user_id) WHERE is_default;

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
