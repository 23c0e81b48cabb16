-- withdrawn_batches_v1: batches whose observations no longer count. This insert is the commit of a withdrawal.
-- The observations stay: what was known before receivedAt is still answered as it was. What counts from then on is put
-- right by change rows with knownAt = receivedAt, and every later look into a history leaves these batches out.
-- Grain: batch. Replay: looked for before it is written; the receipt (source_receipts_v1, observations 0) says that it is counted.
-- Read: batch NOT IN (SELECT batch FROM withdrawn_batches_v1).
CREATE TABLE IF NOT EXISTS withdrawn_batches_v1 (
  batch String,
  kind LowCardinality(String),
  source LowCardinality(String),
  receivedAt DateTime64(6, 'UTC')
) ENGINE = MergeTree ORDER BY batch
