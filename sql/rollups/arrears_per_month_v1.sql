-- arrears_per_month_v1: sums of the cases by month, county and sector. Months and days are of Asia/Shanghai.
-- changeRows counts the change rows behind a sum: it tells which commits a roll-up holds.
SELECT toDate(toStartOfMonth(toTimeZone(at, 'Asia/Shanghai'))) AS bucket, substring(c.work, 1, 6) AS work, sector, status,
  sum(c.cases) AS cases, sum(c.workers) AS workers, sum(c.owedFen) AS owedFen, sum(c.births) AS births,
  sum(c.recoveredFen) AS recoveredFen, count() AS changeRows
FROM arrears_changes_v1 AS c
WHERE {commits}
GROUP BY bucket, work, sector, status
