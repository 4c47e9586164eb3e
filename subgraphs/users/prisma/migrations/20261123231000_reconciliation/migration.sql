-- What reconciliation remembers of each job: when its round began, so that one replica does it, and where it goes on.
CREATE TABLE reconciliation (
  job text PRIMARY KEY,
  begun_at timestamptz NOT NULL,
  position text
);
