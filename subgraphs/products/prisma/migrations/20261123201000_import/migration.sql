-- The units that the last import counted of a variant: the same figure again brings no sold unit back.
ALTER TABLE variant ADD COLUMN imported_quantity integer CHECK (imported_quantity BETWEEN 0 AND 1000000000);

-- Files to import, in pieces: read one at a time, and kept for a day.
CREATE TABLE import_upload (
  id uuid PRIMARY KEY,
  who text NOT NULL,
  bytes integer NOT NULL DEFAULT 0,
  -- Of the whole file; null until it is there.
  sha256 text,
  created_at timestamptz(3) NOT NULL DEFAULT now()
);
CREATE INDEX import_upload_created_at_idx ON import_upload (created_at);

CREATE TABLE import_chunk (
  upload_id uuid NOT NULL REFERENCES import_upload (id) ON DELETE CASCADE,
  position integer NOT NULL,
  bytes bytea NOT NULL CHECK (octet_length(bytes) <= 262144),
  PRIMARY KEY (upload_id, position)
);

-- An import and how far it has come. Whoever runs it holds a lease; one that has run out is taken over.
CREATE TABLE product_import (
  id uuid PRIMARY KEY,
  -- Not a foreign key: uploads go before the imports that read them.
  upload_id uuid NOT NULL,
  status text NOT NULL CHECK (status IN ('RUNNING', 'COMPLETED', 'FAILED')),
  who text NOT NULL,
  correlation_id text NOT NULL,
  currency text NOT NULL,
  publish boolean NOT NULL,
  lines_read integer NOT NULL DEFAULT 0,
  products_created integer NOT NULL DEFAULT 0,
  products_updated integer NOT NULL DEFAULT 0,
  products_unchanged integer NOT NULL DEFAULT 0,
  problem_count integer NOT NULL DEFAULT 0,
  problems jsonb NOT NULL DEFAULT '[]',
  attempts integer NOT NULL DEFAULT 0,
  lease_token uuid,
  lease_until timestamptz,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  finished_at timestamptz(3)
);
CREATE INDEX product_import_running ON product_import (created_at) WHERE status = 'RUNNING';
CREATE INDEX product_import_created_at_idx ON product_import (created_at);

-- Which products of a running import are in, by their place in the file: written with the product, so that an import that is taken over
-- goes on where the other one stopped, and counts right.
CREATE TABLE import_outcome (
  import_id uuid NOT NULL REFERENCES product_import (id) ON DELETE CASCADE,
  ordinal integer NOT NULL,
  created boolean NOT NULL,
  PRIMARY KEY (import_id, ordinal)
);
