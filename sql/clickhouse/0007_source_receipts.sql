-- source_receipts_v1: one row per source and commit: what arrived from whom, when. Silence is read from it.
-- newestAt is the newest observation in it.
-- Grain: source × kind × commit (receivedAt). Replay: written last, once everything else of the commit is in.
-- Read: max(receivedAt) by source; "as known at k": where receivedAt <= k.
CREATE TABLE IF NOT EXISTS source_receipts_v1 (
  source LowCardinality(String),
  kind LowCardinality(String),
  receivedAt DateTime64(6, 'UTC'),
  newestAt DateTime64(3, 'UTC'),
  observations UInt32
) ENGINE = MergeTree ORDER BY (source, receivedAt)
