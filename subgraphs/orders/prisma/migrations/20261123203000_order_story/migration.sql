-- What happened to an order or because of it, in every service: one row an event, told in causal order when it is asked for.
-- No foreign key: every order writes several of these, and each is selected from the order's own row.
CREATE TABLE order_story (
  order_id uuid NOT NULL,
  event_id uuid NOT NULL,
  type text NOT NULL,
  at timestamptz NOT NULL,
  causation_id text,
  facts jsonb NOT NULL,
  PRIMARY KEY (order_id, event_id)
);
