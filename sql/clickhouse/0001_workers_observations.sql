-- workers_observations_v1: every accepted observation of a person, one row each. This insert is the commit.
-- Grain: person (historyKey, a keyed hash) × observedAt × receivedAt × ordinal. No name, number or phone is here.
-- Replay: a resent observation has the same contentHash at the same observedAt and is never inserted again.
-- Not partitioned: one insert must be one part, so that a commit stands or falls as a whole.
-- Read: by historyKey (small granules, as commits look up thousands of random keys); by receivedAt through the minmax index.
CREATE TABLE IF NOT EXISTS workers_observations_v1 (
  historyKey String,
  observedAt DateTime64(3, 'UTC'),
  receivedAt DateTime64(6, 'UTC'),
  ordinal UInt32,
  batch String,
  source LowCardinality(String),
  contentHash String,
  homeRegion String,
  workRegion String,
  sector LowCardinality(String),
  status LowCardinality(String),
  occupation LowCardinality(String),
  employer String,
  employerCode String,
  project String,
  monthlyWageFen Nullable(Int64),
  contractSigned Nullable(Bool),
  insured Nullable(Bool),
  skills Array(LowCardinality(String)),
  sex LowCardinality(String),
  birthYear UInt16,
  INDEX received receivedAt TYPE minmax GRANULARITY 4
) ENGINE = MergeTree ORDER BY (historyKey, observedAt)
SETTINGS index_granularity = 256
