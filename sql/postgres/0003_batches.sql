-- One row per accepted request, so that a sender can look its batch up again. Retry: written once by its id.
CREATE TABLE batches (
  id text PRIMARY KEY, source text NOT NULL, kind text NOT NULL, mode text NOT NULL,
  "receivedAt" timestamptz NOT NULL DEFAULT now(),
  received integer NOT NULL, accepted integer NOT NULL, unchanged integer NOT NULL, rejected integer NOT NULL
)
;
CREATE INDEX batches_source ON batches (source, "receivedAt")
;
-- Rejected rows as the sender sent them, sealed (AES-256-GCM): they may hold names and numbers. Faults hold neither.
CREATE TABLE rejected_rows (
  batch text NOT NULL REFERENCES batches(id) ON DELETE CASCADE, row integer NOT NULL, sealed text NOT NULL, faults jsonb NOT NULL,
  PRIMARY KEY (batch, row)
)
;
-- Answers by Idempotency-Key: a retry gets the first answer back; the key with another body is refused.
CREATE TABLE idempotency (
  source text NOT NULL, key text NOT NULL, "bodyHash" text NOT NULL, status integer NOT NULL, answer jsonb NOT NULL,
  "createdAt" timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (source, key)
)
