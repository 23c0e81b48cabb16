-- The log is looked through by time and by person.
CREATE INDEX audit_log_at ON audit_log (at, seq)
;
CREATE INDEX audit_log_who ON audit_log ("whoId", seq)
;
-- The head moves by one entry at a time and never back: a log that is cut at its end cannot be made to look whole again
-- by setting it back. A new entry first raises seq, then puts the hash, so the hash may change without seq.
CREATE FUNCTION refuse_audit_rewind() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.seq - OLD.seq IN (0, 1) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'the head of the audit log moves forward only';
END $$
;
CREATE TRIGGER audit_head_forward BEFORE UPDATE OR DELETE ON audit_head FOR EACH ROW EXECUTE FUNCTION refuse_audit_rewind()
;
CREATE TRIGGER audit_head_no_truncate BEFORE TRUNCATE ON audit_head FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_rewind()
