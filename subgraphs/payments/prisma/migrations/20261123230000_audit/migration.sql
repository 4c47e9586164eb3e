-- Who did what, when, from where: one row a change, written with it, kept for ever (packages/runtime, src/audit). A row gets its place in
-- the chain, seal and hash, a moment later; nothing else ever changes it.
CREATE TABLE audit_entry (
  id uuid PRIMARY KEY,
  entry jsonb NOT NULL,
  seal bigint UNIQUE CHECK (seal >= 1),
  hash text CHECK (hash ~ '^[0-9a-f]{64}$'),
  CONSTRAINT entry_is_filed_under_its_id CHECK (coalesce(entry ->> 'id', '') = id::text),
  CONSTRAINT sealed_with_a_hash CHECK ((seal IS NULL) = (hash IS NULL))
);
CREATE INDEX audit_entry_unsealed ON audit_entry (id) WHERE seal IS NULL;
CREATE INDEX audit_entry_aggregate ON audit_entry ((entry -> 'aggregate' ->> 'id'));

CREATE FUNCTION keep_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF OLD.seal IS NULL AND NEW.seal IS NOT NULL AND NEW.id = OLD.id AND NEW.entry = OLD.entry THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION 'audit_entry is append-only' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER audit_entry_kept BEFORE UPDATE OR DELETE ON audit_entry FOR EACH ROW EXECUTE FUNCTION keep_audit();
CREATE TRIGGER audit_entry_not_emptied BEFORE TRUNCATE ON audit_entry FOR EACH STATEMENT EXECUTE FUNCTION keep_audit();
-- A payment's entries are looked for by its order, too.
CREATE INDEX audit_entry_order ON audit_entry ((entry -> 'detail' ->> 'orderId'));
