CREATE TABLE product (
  id uuid PRIMARY KEY,
  version integer NOT NULL CHECK (version >= 1),
  status text NOT NULL CHECK (status IN ('DRAFT', 'PUBLISHED', 'WITHDRAWN')),
  slug text NOT NULL UNIQUE,
  title text NOT NULL,
  description_html text NOT NULL,
  vendor text,
  product_type text,
  tags text[] NOT NULL,
  collections text[] NOT NULL,
  currency text NOT NULL,
  created_at timestamptz(3) NOT NULL,
  updated_at timestamptz(3) NOT NULL,
  published_at timestamptz(3),
  withdrawn_at timestamptz(3)
);
CREATE INDEX product_status_id_idx ON product (status, id);
CREATE INDEX product_updated_at_id_idx ON product (updated_at, id);

CREATE TABLE product_option (
  product_id uuid NOT NULL REFERENCES product (id),
  position integer NOT NULL,
  name text NOT NULL,
  values text[] NOT NULL,
  PRIMARY KEY (product_id, position)
);

CREATE TABLE product_image (
  product_id uuid NOT NULL REFERENCES product (id),
  position integer NOT NULL,
  url text NOT NULL,
  alt_text text,
  width integer,
  height integer,
  PRIMARY KEY (product_id, position)
);

CREATE TABLE variant (
  id uuid PRIMARY KEY,
  product_id uuid NOT NULL REFERENCES product (id),
  position integer NOT NULL,
  sku text NOT NULL UNIQUE,
  option_values text[] NOT NULL,
  -- Minor units of the product's currency; 2^53 - 1 is the most that every JSON reader can hold.
  price_minor bigint NOT NULL CHECK (price_minor BETWEEN 0 AND 9007199254740991),
  compare_at_minor bigint CHECK (compare_at_minor BETWEEN 0 AND 9007199254740991),
  UNIQUE (product_id, position)
);

-- Its own table and narrow: it is the one that a hot product makes hot, and its rows are locked for the shortest time.
CREATE TABLE stock (
  variant_id uuid PRIMARY KEY REFERENCES variant (id),
  on_hand integer NOT NULL CHECK (on_hand <= 1000000000),
  reserved integer NOT NULL,
  version integer NOT NULL CHECK (version >= 1),
  CONSTRAINT stock_never_oversold CHECK (reserved >= 0 AND on_hand >= reserved)
) WITH (fillfactor = 50);

CREATE TABLE stock_movement (
  id bigserial PRIMARY KEY,
  variant_id uuid NOT NULL REFERENCES variant (id),
  delta integer NOT NULL CHECK (delta <> 0),
  reason text NOT NULL,
  order_id uuid,
  idempotency_key text,
  who text NOT NULL,
  at timestamptz(3) NOT NULL DEFAULT now()
);
CREATE INDEX stock_movement_variant_id_id_idx ON stock_movement (variant_id, id);

CREATE FUNCTION refuse_change_of_movement() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'stock_movement is append-only: write a movement that corrects the other';
END $$;
CREATE TRIGGER stock_movement_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON stock_movement
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_movement();

CREATE TABLE reservation (
  order_id uuid PRIMARY KEY,
  status text NOT NULL CHECK (status IN ('MADE', 'REFUSED', 'CONSUMED', 'RELEASED', 'CANCELLED_BEFORE')),
  made_at timestamptz(3) NOT NULL DEFAULT now(),
  ended_at timestamptz(3)
) WITH (fillfactor = 80);
CREATE INDEX reservation_made_at_idx ON reservation (made_at) WHERE status = 'MADE';

-- No foreign key to the variant: the stock row that is locked proves it, and checking it would lock the variant of a hot product, too.
CREATE TABLE reservation_line (
  order_id uuid NOT NULL REFERENCES reservation (order_id),
  variant_id uuid NOT NULL,
  quantity integer NOT NULL CHECK (quantity >= 1),
  PRIMARY KEY (order_id, variant_id)
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
