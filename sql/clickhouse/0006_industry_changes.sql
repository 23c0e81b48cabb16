-- industry_changes_v1: signed rows of two sorts, told apart by which columns are not zero.
-- Stock columns (points, headcount…): +the latest period of a point and project from its observation on, - when a later
-- period replaces it or 62 days after its end. Flow columns (hires, paidFen…): + the period's report at the period's start.
-- The *Reports columns count reports that gave the number, so that "nobody said" is not zero.
-- Replay: as workers_changes_v1. Read: plain sums.
CREATE TABLE IF NOT EXISTS industry_changes_v1 (
  at DateTime64(3, 'UTC'),
  knownAt DateTime64(6, 'UTC'),
  historyKey String,
  work LowCardinality(String),
  sector LowCardinality(String),
  source LowCardinality(String),
  points Int8,
  headcount Int64,
  headcountReports Int8,
  vacancies Int64,
  vacancyReports Int8,
  wageWeightFen Int64,
  wageHeadcount Int64,
  coverBalanceFen Int64,
  coverBillFen Int64,
  hires Int64,
  hiresReports Int8,
  departures Int64,
  departuresReports Int8,
  paidFen Int64,
  billFen Int64,
  INDEX known knownAt TYPE minmax GRANULARITY 1
) ENGINE = MergeTree ORDER BY at
;
CREATE TABLE IF NOT EXISTS industry_per_month_v1 (
  bucket Date, work LowCardinality(String), sector LowCardinality(String),
  points Int64, headcount Int64, headcountReports Int64, vacancies Int64, vacancyReports Int64, wageWeightFen Int64,
  wageHeadcount Int64, coverBalanceFen Int64, coverBillFen Int64, hires Int64, hiresReports Int64, departures Int64,
  departuresReports Int64, paidFen Int64, billFen Int64, changeRows Int64
) ENGINE = SummingMergeTree ORDER BY (bucket, work, sector)
