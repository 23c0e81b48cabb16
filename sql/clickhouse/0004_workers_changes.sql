-- workers_changes_v1: signed rows; people +1 for a new state of a person, -1 for the state it replaces, at the observation's time.
-- Grain: a change of one person's state. A late observation also corrects its neighbour: one more pair of rows.
-- Replay: inserted with the token of its commit; the same token again changes nothing here or in the views.
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
SETTINGS non_replicated_deduplication_window = 1000
;
-- workers_per_month_home_v1: people by home county and work province. Read with sum(); months are of Asia/Shanghai.
CREATE TABLE IF NOT EXISTS workers_per_month_home_v1 (
  bucket Date, home LowCardinality(String), work LowCardinality(String), status LowCardinality(String), people Int64
) ENGINE = SummingMergeTree ORDER BY (bucket, home, work, status)
SETTINGS non_replicated_deduplication_window = 1000
;
CREATE MATERIALIZED VIEW IF NOT EXISTS workers_per_month_home_mv_v1 TO workers_per_month_home_v1 AS
SELECT toDate(toStartOfMonth(toTimeZone(at, 'Asia/Shanghai'))) AS bucket, substring(c.home, 1, 6) AS home,
  substring(c.work, 1, 2) AS work, status, sum(c.people) AS people
FROM workers_changes_v1 AS c GROUP BY bucket, home, work, status
;
-- workers_per_month_work_v1: people by work county and home city.
CREATE TABLE IF NOT EXISTS workers_per_month_work_v1 (
  bucket Date, home LowCardinality(String), work LowCardinality(String), status LowCardinality(String), people Int64
) ENGINE = SummingMergeTree ORDER BY (bucket, work, home, status)
SETTINGS non_replicated_deduplication_window = 1000
;
CREATE MATERIALIZED VIEW IF NOT EXISTS workers_per_month_work_mv_v1 TO workers_per_month_work_v1 AS
SELECT toDate(toStartOfMonth(toTimeZone(at, 'Asia/Shanghai'))) AS bucket, substring(c.home, 1, 4) AS home,
  substring(c.work, 1, 6) AS work, status, sum(c.people) AS people
FROM workers_changes_v1 AS c GROUP BY bucket, home, work, status
;
-- workers_per_month_sector_v1: people by sector, home city and work province.
CREATE TABLE IF NOT EXISTS workers_per_month_sector_v1 (
  bucket Date, home LowCardinality(String), work LowCardinality(String), sector LowCardinality(String),
  status LowCardinality(String), people Int64
) ENGINE = SummingMergeTree ORDER BY (bucket, sector, home, work, status)
SETTINGS non_replicated_deduplication_window = 1000
;
CREATE MATERIALIZED VIEW IF NOT EXISTS workers_per_month_sector_mv_v1 TO workers_per_month_sector_v1 AS
SELECT toDate(toStartOfMonth(toTimeZone(at, 'Asia/Shanghai'))) AS bucket, substring(c.home, 1, 4) AS home,
  substring(c.work, 1, 2) AS work, sector, status, sum(c.people) AS people
FROM workers_changes_v1 AS c GROUP BY bucket, home, work, sector, status
;
-- workers_per_day_v1: people by day, home city and work province: for daily series over long spans.
CREATE TABLE IF NOT EXISTS workers_per_day_v1 (
  bucket Date, home LowCardinality(String), work LowCardinality(String), status LowCardinality(String), people Int64
) ENGINE = SummingMergeTree ORDER BY (bucket, home, work, status)
SETTINGS non_replicated_deduplication_window = 1000
;
CREATE MATERIALIZED VIEW IF NOT EXISTS workers_per_day_mv_v1 TO workers_per_day_v1 AS
SELECT toDate(toTimeZone(at, 'Asia/Shanghai')) AS bucket, substring(c.home, 1, 4) AS home,
  substring(c.work, 1, 2) AS work, status, sum(c.people) AS people
FROM workers_changes_v1 AS c GROUP BY bucket, home, work, status
