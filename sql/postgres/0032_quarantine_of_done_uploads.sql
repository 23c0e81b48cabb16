-- Rows of an upload that is still being taken wait for its end: a note below the table may give another meaning to all of them, and a
-- replay that takes one before knows nothing of it.
CREATE OR REPLACE VIEW quarantine AS
SELECT r.batch, r.row, b.source, b.kind, b."receivedAt", r.sealed, r.faults, r.state, r."by", r."changedAt", r.reason, r."into", b."keyId"
FROM rejected_rows r JOIN batches b ON b.id = r.batch
WHERE b.mode = 'commit' AND NOT (b.rejected < b.received AND b.accepted + b.unchanged = 0)
  AND NOT EXISTS (SELECT FROM uploads u WHERE u.batch = b.id AND u.state IN ('waiting', 'running'))
