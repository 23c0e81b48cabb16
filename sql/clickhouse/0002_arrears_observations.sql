-- arrears_observations_v1: every accepted observation of a wage-arrears case, one row each. This insert is the commit.
-- Grain: case (historyKey = source/caseId) × observedAt × receivedAt × ordinal. Money is whole fen.
-- Replay, partitions, reading: as workers_observations_v1.
CREATE TABLE IF NOT EXISTS arrears_observations_v1 (
  historyKey String,
  observedAt DateTime64(3, 'UTC'),
  receivedAt DateTime64(6, 'UTC'),
  ordinal UInt32,
  batch String,
  source LowCardinality(String),
  contentHash String,
  caseId String,
  channel LowCardinality(String),
  workRegion LowCardinality(String),
  homeCodes Array(LowCardinality(String)),
  homeWorkers Array(UInt32),
  sector LowCardinality(String),
  employer String,
  employerCode String,
  project String,
  site String,
  status LowCardinality(String),
  workers Int64,
  owedFen Int64,
  paidFen Int64,
  owedSince String,
  gathering Int64,
  note String,
  INDEX received receivedAt TYPE minmax GRANULARITY 4
) ENGINE = MergeTree ORDER BY (historyKey, observedAt)
SETTINGS index_granularity = 256
