-- Columns of the file a batch came in ([{title, field}], null for JSON), so that its rejected rows go back as they came.
ALTER TABLE batches ADD COLUMN columns jsonb
;
-- Bodies that are gone through in chunks, one row each beside its batch, which holds the counts so far. The file lies in
-- DATA_DIR/uploads/<batch> of `place`. pass: 'judge' looks whether all rows are good (atomic=all), 'take' commits or validates.
-- "lastRow": rows up to this number are done with; after a crash the chunk after it is taken again, which changes nothing.
CREATE TABLE uploads (
  batch text PRIMARY KEY REFERENCES batches(id) ON DELETE CASCADE, place text NOT NULL, body jsonb NOT NULL, options jsonb NOT NULL,
  "isAsync" boolean NOT NULL, state text NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed')),
  pass text NOT NULL CHECK (pass IN ('judge', 'take')), "lastRow" integer NOT NULL DEFAULT 0, "rowsDone" integer NOT NULL DEFAULT 0,
  "bytesDone" bigint NOT NULL DEFAULT 0, "bytesTotal" bigint NOT NULL, problem jsonb,
  "startedAt" timestamptz, "finishedAt" timestamptz
)
;
CREATE INDEX uploads_open ON uploads (place) WHERE state IN ('waiting', 'running')
;
-- How a source's files are read: the titles of a header in order, and the field of each that was said (null = left out).
CREATE TABLE column_mappings (
  source text NOT NULL REFERENCES sources(id) ON DELETE CASCADE, kind text NOT NULL, fingerprint text NOT NULL,
  titles jsonb NOT NULL, columns jsonb NOT NULL, "changedAt" timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (source, kind, fingerprint)
)
