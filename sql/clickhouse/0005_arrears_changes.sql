-- arrears_changes_v1: signed rows; cases +1 and the case's sums for a new state, -1 and minus its sums for the replaced one.
-- births: +1 where a case is first observed. recoveredFen: growth of the paid sum since the observation before.
-- firstAt: the case's first observation, for cohorts. homeCodes/homeWorkers: the state's split by home, not signed.
-- Replay: as workers_changes_v1. Read: plain sums; open = status neither settled nor dismissed.
CREATE TABLE IF NOT EXISTS arrears_changes_v1 (
  at DateTime64(3, 'UTC'),
  knownAt DateTime64(6, 'UTC'),
  historyKey String,
  firstAt DateTime64(3, 'UTC'),
  site String,
  work LowCardinality(String),
  sector LowCardinality(String),
  status LowCardinality(String),
  channel LowCardinality(String),
  source LowCardinality(String),
  employer String,
  homeCodes Array(LowCardinality(String)),
  homeWorkers Array(UInt32),
  cases Int8,
  workers Int64,
  owedFen Int64,
  gathering Int64,
  births Int8,
  recoveredFen Int64,
  INDEX known knownAt TYPE minmax GRANULARITY 1
) ENGINE = MergeTree ORDER BY at
;
CREATE TABLE IF NOT EXISTS arrears_per_month_v1 (
  bucket Date, work LowCardinality(String), sector LowCardinality(String), status LowCardinality(String),
  cases Int64, workers Int64, owedFen Int64, births Int64, recoveredFen Int64, changeRows Int64
) ENGINE = SummingMergeTree ORDER BY (bucket, work, sector, status)
;
CREATE TABLE IF NOT EXISTS arrears_per_day_v1 (
  bucket Date, work LowCardinality(String), status LowCardinality(String),
  cases Int64, workers Int64, owedFen Int64, births Int64, recoveredFen Int64, changeRows Int64
) ENGINE = SummingMergeTree ORDER BY (bucket, work, status)
;
-- arrears_open_by_site_v1: what is open now, by site (project, else employer) and case: what the rules judge.
-- A settled case sums to zero. Read with sum() and GROUP BY, HAVING sum(cases) > 0.
CREATE TABLE IF NOT EXISTS arrears_open_by_site_v1 (
  site String, historyKey String, cases Int64, workers Int64, owedFen Int64, gathering Int64, changeRows Int64
) ENGINE = SummingMergeTree ORDER BY (site, historyKey)
SETTINGS index_granularity = 256
