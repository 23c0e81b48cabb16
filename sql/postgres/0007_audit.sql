-- The audit log: who did what to whom, why and from where. Append-only, gap-free, each entry chained to the one before by
-- SHA-256 (api/identity/audit.ts says over what). subject is a key or an id, never a name or a number.
CREATE TABLE audit_log (
  seq bigint PRIMARY KEY, at timestamptz NOT NULL, "whoId" text NOT NULL, "whoName" text NOT NULL, action text NOT NULL,
  subject text NOT NULL, reason text NOT NULL, address text NOT NULL, "prevHash" text NOT NULL, hash text NOT NULL
)
;
CREATE INDEX audit_log_action ON audit_log (action, seq)
;
CREATE INDEX audit_log_subject ON audit_log (subject, seq)
;
-- The number and hash of the last entry: writers take turns on this row, and a log cut at its end no longer agrees with it.
CREATE TABLE audit_head (id boolean PRIMARY KEY DEFAULT true CHECK (id), seq bigint NOT NULL, hash text NOT NULL)
;
INSERT INTO audit_head (seq, hash) VALUES (0, '')
;
CREATE FUNCTION refuse_audit_edit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit log is append-only';
END $$
;
CREATE TRIGGER audit_log_no_edit BEFORE UPDATE OR DELETE ON audit_log FOR EACH ROW EXECUTE FUNCTION refuse_audit_edit()
;
CREATE TRIGGER audit_log_no_truncate BEFORE TRUNCATE ON audit_log FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_edit()
