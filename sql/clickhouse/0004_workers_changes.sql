-- workers_changes_v1: signed rows; people +1 for a new state of a person, -1 for the state it replaces, at the observation's time.
-- Grain: a change of one person's state. A late observation also corrects its neighbour: one more pair of rows.
-- Replay: one insert a commit, all or nothing; knownAt names the commit, so whether it is there can be seen.
-- The roll-ups below are filled from it, commit by commit, by sql/rollups/.
-- Read: a stock as of t is sum(people) where at <= t; as it was known at k: and knownAt <= k. Regions have up to 9 digits, '' = unknown.
CREATE TABLE IF NOT EXISTS workers_changes_v1 (
  at DateTime64(3, 'UTC'),
  knownAt DateTime64(6, 'UTC'),
  historyKey String,
  home LowCardinality(String),
  work LowCardinality(String),
  sector LowCardinality(String),
  status LowCardinality(String),
  source LowCardinality(String),
  employer String,
  people Int8,
  INDEX known knownAt TYPE minmax GRANULARITY 1
) ENGINE = MergeTree ORDER BY at
;
-- workers_per_month_home_v1: people by home county and work province. Read with sum(); months are of Asia/Shanghai.
CREATE TABLE IF NOT EXISTS workers_per_month_home_v1 (
  bucket Date, home LowCardinality(String), work LowCardinality(String), status LowCardinality(String), people Int64, changeRows Int64
) ENGINE = SummingMergeTree ORDER BY (bucket, home, work, status)
;
-- workers_per_month_work_v1: people by work county and home city.
CREATE TABLE IF NOT EXISTS workers_per_month_work_v1 (
  bucket Date, home LowCardinality(String), work LowCardinality(String), status LowCardinality(String), people Int64, changeRows Int64
) ENGINE = SummingMergeTree ORDER BY (bucket, work, home, status)
;
-- workers_per_month_sector_v1: people by sector, home city and work province.
CREATE TABLE IF NOT EXISTS workers_per_month_sector_v1 (
  bucket Date, home LowCardinality(String), work LowCardinality(String), sector LowCardinality(String),
  status LowCardinality(String), people Int64, changeRows Int64
) ENGINE = SummingMergeTree ORDER BY (bucket, sector, home, work, status)
;
-- workers_per_day_v1: people by day, home city and work province: for daily series over long spans.
CREATE TABLE IF NOT EXISTS workers_per_day_v1 (
  bucket Date, home LowCardinality(String), work LowCardinality(String), status LowCardinality(String), people Int64, changeRows Int64
) ENGINE = SummingMergeTree ORDER BY (bucket, home, work, status)
