-- Who was erased and when, by the keyed hash that the audit log names them by: what was received before it and is taken or refused only
-- afterwards (a file that waited, a request under way, a row replayed) brings no record back. source '' = of all sources, else of this one.
-- Kept for good, since a file may wait for as long as it likes. Retry: the latest instant holds.
CREATE TABLE erasures (
  "personKey" text NOT NULL, source text NOT NULL, "erasedAt" timestamptz NOT NULL, PRIMARY KEY ("personKey", source)
)
;
CREATE INDEX erasures_at ON erasures ("erasedAt")
