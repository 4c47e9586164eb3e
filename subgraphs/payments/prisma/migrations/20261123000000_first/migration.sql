-- One payment an order. Amounts are whole minor units; every status, limit and sum that must hold is a constraint here as well.
CREATE TABLE payment (
  id uuid PRIMARY KEY,
  order_id uuid NOT NULL UNIQUE,
  version integer NOT NULL,
  status text NOT NULL CHECK (status IN
    ('PENDING', 'REQUIRES_ACTION', 'AUTHORIZED', 'DECLINED', 'CAPTURED', 'PARTIALLY_REFUNDED', 'REFUNDED', 'VOIDED')),
  currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  amount_minor bigint NOT NULL CHECK (amount_minor BETWEEN 0 AND 9007199254740991),
  -- The attempt that counts. No foreign key: payment and attempt are born in one statement and know each other.
  attempt_id uuid NOT NULL,
  authorized_minor bigint NOT NULL CHECK (authorized_minor BETWEEN 0 AND amount_minor),
  captured_minor bigint NOT NULL CHECK (captured_minor BETWEEN 0 AND authorized_minor),
  -- Refunds that succeeded or may still succeed. At most what was captured, whoever asks at the same time.
  refund_requested_minor bigint NOT NULL CHECK (refund_requested_minor BETWEEN 0 AND captured_minor),
  refunded_minor bigint NOT NULL CHECK (refunded_minor BETWEEN 0 AND refund_requested_minor),
  refunds integer NOT NULL CHECK (refunds BETWEEN 0 AND 100),
  failure_code text,
  failure_message text,
  next_action_url text,
  authorization_ends_at timestamptz,
  capture_requested_at timestamptz,
  cancelled_at timestamptz,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
CREATE INDEX payment_held ON payment (authorization_ends_at) WHERE status = 'AUTHORIZED';

CREATE TABLE payment_attempt (
  id uuid PRIMARY KEY,
  payment_id uuid NOT NULL REFERENCES payment (id),
  status text NOT NULL CHECK (status IN ('PENDING', 'REQUIRES_ACTION', 'AUTHORIZED', 'DECLINED', 'VOIDED')),
  -- What the provider calls it.
  provider_id text,
  failure_code text,
  failure_message text,
  authorization_ends_at timestamptz,
  correlation_id text NOT NULL,
  causation_id text,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
CREATE INDEX payment_attempt_payment_id ON payment_attempt (payment_id);

CREATE TABLE refund (
  id uuid PRIMARY KEY,
  payment_id uuid NOT NULL REFERENCES payment (id),
  status text NOT NULL CHECK (status IN ('PENDING', 'SUCCEEDED', 'FAILED')),
  amount_minor bigint NOT NULL CHECK (amount_minor > 0),
  reason text NOT NULL,
  requested_by text NOT NULL,
  failure_code text,
  failure_message text,
  correlation_id text NOT NULL,
  causation_id text,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
CREATE INDEX refund_payment_id ON refund (payment_id);

-- An order that ended before a payment was ever requested: a request that arrives later still is too late.
CREATE TABLE cancelled_order (
  order_id uuid PRIMARY KEY,
  cancelled_at timestamptz NOT NULL DEFAULT now()
);

-- What the provider is still to be asked: written with what makes it necessary, worked off by any replica. The id is the idempotency
-- key at the provider. lease_until: who took it answers for it until then.
CREATE TABLE provider_call (
  id uuid PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('authorize', 'capture', 'void', 'refund')),
  state text NOT NULL CHECK (state IN ('WAITING', 'DONE')),
  payment_id uuid NOT NULL REFERENCES payment (id),
  attempt_id uuid NOT NULL,
  refund_id uuid,
  -- The provider's name for the card, as long as it is needed.
  payment_method text,
  tries integer NOT NULL,
  due_at timestamptz NOT NULL,
  lease_until timestamptz,
  last_problem text,
  correlation_id text NOT NULL,
  causation_id text,
  created_at timestamptz NOT NULL,
  done_at timestamptz
);
-- Each thing is asked for once: one capture and one void an attempt, one call a refund.
CREATE UNIQUE INDEX provider_call_subject ON provider_call ((COALESCE(refund_id, attempt_id)), kind);
CREATE INDEX provider_call_due ON provider_call (due_at) WHERE state = 'WAITING';
CREATE INDEX provider_call_done_at ON provider_call (done_at) WHERE state = 'DONE';

-- Webhooks that were applied: the provider's id of each, in the transaction of its effect.
CREATE TABLE provider_event (
  provider text NOT NULL,
  id text NOT NULL,
  received_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (provider, id)
);
CREATE INDEX provider_event_received_at ON provider_event (received_at);

-- The double-entry ledger. A debit is positive, a credit negative. Nothing is ever changed: a mistake is mended by another transaction.
CREATE TABLE ledger_transaction (
  id uuid PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('HOLD', 'RELEASE', 'CAPTURE', 'REFUND')),
  -- What it is about: the attempt of a hold, the payment of a capture, the refund. Each is booked once.
  subject_id uuid NOT NULL,
  order_id uuid NOT NULL,
  payment_id uuid NOT NULL REFERENCES payment (id),
  booked_at timestamptz NOT NULL,
  UNIQUE (subject_id, kind)
);
CREATE INDEX ledger_transaction_order_id ON ledger_transaction (order_id);

CREATE TABLE ledger_entry (
  transaction_id uuid NOT NULL REFERENCES ledger_transaction (id),
  account text NOT NULL CHECK (account IN ('holds', 'holds_contra', 'provider_clearing', 'sales', 'refunds')),
  order_id uuid NOT NULL,
  amount_minor bigint NOT NULL CHECK (amount_minor <> 0 AND abs(amount_minor) <= 9007199254740991),
  currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  PRIMARY KEY (transaction_id, account)
);
CREATE INDEX ledger_entry_order_id ON ledger_entry (order_id);

CREATE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the ledger is append-only: book another transaction instead';
END $$;
CREATE TRIGGER ledger_transaction_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_transaction
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();
CREATE TRIGGER ledger_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entry
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();

-- At the commit every transaction sums to zero in each of its currencies, and so does every order and the whole.
CREATE FUNCTION ledger_balances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM ledger_entry WHERE transaction_id = NEW.transaction_id GROUP BY currency HAVING sum(amount_minor) <> 0) THEN
    RAISE EXCEPTION 'ledger transaction % does not sum to zero', NEW.transaction_id USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER ledger_entry_balances AFTER INSERT ON ledger_entry DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION ledger_balances();

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
