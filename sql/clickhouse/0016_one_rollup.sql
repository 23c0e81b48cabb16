-- One roll-up a kind, its grains in one table, instead of a table a grain: a commit adds to it with one statement and one part
-- (measured, 100 rows: 24 ms of CPU with the change rows and all merges instead of 46; 20,000 rows: 110 instead of 140).
-- arrears_open_by_site_v1 stays by itself: it is kept by site and case. Read with sum() and one grain.
-- Replay: filled anew from the change rows, so a half-done file is simply run again.
CREATE TABLE IF NOT EXISTS workers_rollup_v1 (
  grain LowCardinality(String), bucket Date, home LowCardinality(String), work LowCardinality(String),
  sector LowCardinality(String), status LowCardinality(String), people Int64, changeRows Int64
) ENGINE = SummingMergeTree ORDER BY (grain, bucket, home, work, sector, status)
SETTINGS cleanup_delay_period = 5, max_cleanup_delay_period = 15, cleanup_delay_period_random_add = 1
;
CREATE TABLE IF NOT EXISTS arrears_rollup_v1 (
  grain LowCardinality(String), bucket Date, work LowCardinality(String), sector LowCardinality(String), status LowCardinality(String),
  cases Int64, workers Int64, owedFen Int64, births Int64, recoveredFen Int64, changeRows Int64
) ENGINE = SummingMergeTree ORDER BY (grain, bucket, work, sector, status)
SETTINGS cleanup_delay_period = 5, max_cleanup_delay_period = 15, cleanup_delay_period_random_add = 1
;
TRUNCATE TABLE workers_rollup_v1
;
INSERT INTO workers_rollup_v1
SELECT cell.1 AS grain, cell.2 AS bucket, cell.3 AS home, cell.4 AS work, cell.5 AS sector, status,
  sum(c.people) AS people, count() AS changeRows
FROM workers_changes_v1 AS c
ARRAY JOIN [
  ('month.home', toDate(toStartOfMonth(toTimeZone(at, 'Asia/Shanghai'))), substring(c.home, 1, 6), substring(c.work, 1, 2), ''),
  ('month.work', toDate(toStartOfMonth(toTimeZone(at, 'Asia/Shanghai'))), substring(c.home, 1, 4), substring(c.work, 1, 6), ''),
  ('month.sector', toDate(toStartOfMonth(toTimeZone(at, 'Asia/Shanghai'))), substring(c.home, 1, 4), substring(c.work, 1, 2), c.sector),
  ('day', toDate(toTimeZone(at, 'Asia/Shanghai')), substring(c.home, 1, 4), substring(c.work, 1, 2), '')
] AS cell
GROUP BY cell, status
;
TRUNCATE TABLE arrears_rollup_v1
;
INSERT INTO arrears_rollup_v1
SELECT cell.1 AS grain, cell.2 AS bucket, cell.3 AS work, cell.4 AS sector, status,
  sum(c.cases) AS cases, sum(c.workers) AS workers, sum(c.owedFen) AS owedFen, sum(c.births) AS births,
  sum(c.recoveredFen) AS recoveredFen, count() AS changeRows
FROM arrears_changes_v1 AS c
ARRAY JOIN [
  ('month', toDate(toStartOfMonth(toTimeZone(at, 'Asia/Shanghai'))), substring(c.work, 1, 6), c.sector),
  ('day', toDate(toTimeZone(at, 'Asia/Shanghai')), substring(c.work, 1, 4), '')
] AS cell
GROUP BY cell, status
;
DROP TABLE IF EXISTS workers_per_month_home_v1 SYNC
;
DROP TABLE IF EXISTS workers_per_month_work_v1 SYNC
;
DROP TABLE IF EXISTS workers_per_month_sector_v1 SYNC
;
DROP TABLE IF EXISTS workers_per_day_v1 SYNC
;
DROP TABLE IF EXISTS arrears_per_month_v1 SYNC
;
DROP TABLE IF EXISTS arrears_per_day_v1 SYNC
