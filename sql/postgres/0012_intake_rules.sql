-- What a source calls things: its own region codes, sector names and employer names (theirs) and what they are here (ours).
CREATE TABLE source_mappings (
  source text NOT NULL REFERENCES sources(id) ON DELETE CASCADE, field text NOT NULL CHECK (field IN ('region', 'sector', 'employer')),
  theirs text NOT NULL, ours text NOT NULL, PRIMARY KEY (source, field, theirs)
)
;
-- Periods that are closed for late data: nothing of this kind and region subtree that would change what was so before "before".
CREATE TABLE locks (
  kind text NOT NULL, region text NOT NULL, "before" timestamptz NOT NULL, reason text NOT NULL, "by" text NOT NULL,
  since timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (kind, region)
)
;
-- Sources that may still send into a closed period, and why.
CREATE TABLE lock_exceptions (
  kind text NOT NULL, region text NOT NULL, source text NOT NULL REFERENCES sources(id) ON DELETE CASCADE, reason text NOT NULL,
  PRIMARY KEY (kind, region, source), FOREIGN KEY (kind, region) REFERENCES locks (kind, region) ON DELETE CASCADE
)
;
-- What became of a rejected row. The row stays as it was sent: "value" that took its place is in the batch "into".
ALTER TABLE rejected_rows
  ADD COLUMN state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'corrected', 'replayed', 'dismissed')),
  ADD COLUMN "by" text, ADD COLUMN "changedAt" timestamptz, ADD COLUMN reason text, ADD COLUMN "into" text
;
CREATE INDEX rejected_rows_waiting ON rejected_rows (batch, row) WHERE state = 'waiting'
;
-- Rows in quarantine: those of batches that were sent to be kept. Not there: rows of a trial (mode validate), and of a
-- batch that was refused whole although it had good rows (atomic=all): its sender sends all of it again.
CREATE VIEW quarantine AS
SELECT r.batch, r.row, b.source, b.kind, b."receivedAt", r.sealed, r.faults, r.state, r."by", r."changedAt", r.reason, r."into"
FROM rejected_rows r JOIN batches b ON b.id = r.batch
WHERE b.mode = 'commit' AND NOT (b.rejected < b.received AND b.accepted + b.unchanged = 0)
