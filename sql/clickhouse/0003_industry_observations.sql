-- industry_observations_v1: every accepted report of a monitoring point, one row each. This insert is the commit.
-- Grain: point and project (historyKey) × period × observedAt × receivedAt × ordinal. Money is whole fen; null = not reported.
-- Replay, partitions, reading: as workers_observations_v1.
CREATE TABLE IF NOT EXISTS industry_observations_v1 (
  historyKey String,
  observedAt DateTime64(3, 'UTC'),
  receivedAt DateTime64(6, 'UTC'),
  ordinal UInt32,
  batch String,
  source LowCardinality(String),
  contentHash String,
  pointId String,
  period String,
  workRegion LowCardinality(String),
  sector LowCardinality(String),
  project String,
  employers Nullable(Int64),
  headcount Nullable(Int64),
  hires Nullable(Int64),
  departures Nullable(Int64),
  vacancies Nullable(Int64),
  averageWageFen Nullable(Int64),
  wageBillFen Nullable(Int64),
  wagePaidFen Nullable(Int64),
  paidWorkers Nullable(Int64),
  attendingWorkers Nullable(Int64),
  registeredWorkers Nullable(Int64),
  accountBalanceFen Nullable(Int64),
  laborCostTransferredAt Nullable(DateTime64(3, 'UTC')),
  payDay Nullable(UInt8),
  depositHeldFen Nullable(Int64),
  depositRequiredFen Nullable(Int64),
  stopped Nullable(Bool),
  majorEvent String,
  INDEX received receivedAt TYPE minmax GRANULARITY 4
) ENGINE = MergeTree ORDER BY (historyKey, observedAt)
SETTINGS index_granularity = 256
