-- What reconciliation remembers of each job: when its round began, so that one replica does it, and where it goes on.
CREATE TABLE reconciliation (
  job text PRIMARY KEY,
  begun_at timestamptz NOT NULL,
  position text
);

-- What it found and may not mend: for people, until a later round finds that it is no more.
CREATE TABLE discrepancy (
  job text NOT NULL,
  kind text NOT NULL,
  subject text NOT NULL,
  details jsonb NOT NULL,
  rounds integer NOT NULL DEFAULT 1,
  first_seen timestamptz NOT NULL DEFAULT now(),
  last_seen timestamptz NOT NULL DEFAULT now(),
  resolved_at timestamptz,
  PRIMARY KEY (job, kind, subject)
);
CREATE INDEX discrepancy_open ON discrepancy (job, subject) WHERE resolved_at IS NULL;
