-- arrears_rollup_v1: sums of the cases by the grains that the screens ask for; every change row counts once in each. Months and days are of Asia/Shanghai.
-- Of a grain: how many digits of work it keeps. changeRows counts the change rows behind a sum: it tells which commits a roll-up holds.
SELECT grain, if(grain = 'day', toDate(at, 'Asia/Shanghai'), toStartOfMonth(toDate(at, 'Asia/Shanghai'))) AS bucket,
  substring(c.work, 1, digits) AS work, if(grain = 'month', c.sector, '') AS sector, status,
  sum(c.cases) AS cases, sum(c.workers) AS workers, sum(c.owedFen) AS owedFen, sum(c.births) AS births,
  sum(c.recoveredFen) AS recoveredFen, count() AS changeRows
FROM arrears_changes_v1 AS c
ARRAY JOIN ['month', 'day'] AS grain, [6, 4] AS digits
WHERE {commits}
GROUP BY grain, bucket, work, sector, status
