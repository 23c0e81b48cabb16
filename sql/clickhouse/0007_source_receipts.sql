-- source_receipts_v1: one row per source and commit: what arrived from whom, when. Silence is read from it.
-- newestAt is the newest observation in it.
-- Grain: source × kind × commit (receivedAt). Replay: inserted with the token of its commit.
-- Read: max(receivedAt) by source; "as known at k": where receivedAt <= k.
CREATE TABLE IF NOT EXISTS source_receipts_v1 (
  source LowCardinality(String),
  kind LowCardinality(String),
  receivedAt DateTime64(6, 'UTC'),
  newestAt DateTime64(3, 'UTC'),
  observations UInt32
) ENGINE = MergeTree ORDER BY (source, receivedAt)
SETTINGS non_replicated_deduplication_window = 1000
