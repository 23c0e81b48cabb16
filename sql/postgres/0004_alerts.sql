-- Rules are data: what to add up, by what group, and where each tier begins. A change is a new version.
CREATE TABLE rules (
  id text NOT NULL, version integer NOT NULL, definition jsonb NOT NULL, "createdAt" timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (id, version)
)
;
-- One alert; body is the whole alert as the edge shows it, the other columns are what it is looked up by.
CREATE TABLE alerts (
  id text PRIMARY KEY, rule text NOT NULL, "group" text NOT NULL, tier text NOT NULL, state text NOT NULL, region text NOT NULL,
  "changedAt" timestamptz NOT NULL, seq bigint NOT NULL, body jsonb NOT NULL
)
;
-- One open alert per rule and group, whatever the code believes.
CREATE UNIQUE INDEX alerts_one_open ON alerts (rule, "group") WHERE state <> 'resolved'
;
CREATE INDEX alerts_recent ON alerts (state, seq DESC)
;
-- The append-only log. seq is gap-free: it is taken from log_counter inside the same transaction.
CREATE TABLE alert_log (
  seq bigint PRIMARY KEY, at timestamptz NOT NULL, change text NOT NULL, "alertId" text NOT NULL REFERENCES alerts(id),
  "by" text, note text, body jsonb NOT NULL
)
;
CREATE INDEX alert_log_alert ON alert_log ("alertId", seq)
;
CREATE TABLE log_counter (id boolean PRIMARY KEY DEFAULT true CHECK (id), seq bigint NOT NULL)
;
INSERT INTO log_counter (seq) VALUES (0)
;
-- How far the evaluation of committed signals has come, in microseconds of receipt. Moves in the transaction that writes the alerts.
CREATE TABLE evaluated (kind text PRIMARY KEY, "knownAtMicros" bigint NOT NULL)
;
-- Small facts of the installation, by name (the one-time set-up link, for one).
CREATE TABLE facts (name text PRIMARY KEY, value text NOT NULL)
