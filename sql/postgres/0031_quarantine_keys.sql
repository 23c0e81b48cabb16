-- A replay lets in what the key that brought a row may send: the view tells it, null where a session or an older release sent it.
CREATE OR REPLACE VIEW quarantine AS
SELECT r.batch, r.row, b.source, b.kind, b."receivedAt", r.sealed, r.faults, r.state, r."by", r."changedAt", r.reason, r."into", b."keyId"
FROM rejected_rows r JOIN batches b ON b.id = r.batch
WHERE b.mode = 'commit' AND NOT (b.rejected < b.received AND b.accepted + b.unchanged = 0)
