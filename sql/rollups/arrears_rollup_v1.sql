-- arrears_rollup_v1: sums of the cases by the grains that the screens ask for; every change row counts once in each. Months and days are of Asia/Shanghai.
-- changeRows counts the change rows behind a sum: it tells which commits a roll-up holds.
SELECT cell.1 AS grain, cell.2 AS bucket, cell.3 AS work, cell.4 AS sector, status,
  sum(c.cases) AS cases, sum(c.workers) AS workers, sum(c.owedFen) AS owedFen, sum(c.births) AS births,
  sum(c.recoveredFen) AS recoveredFen, count() AS changeRows
FROM arrears_changes_v1 AS c
ARRAY JOIN [
  ('month', toDate(toStartOfMonth(toTimeZone(at, 'Asia/Shanghai'))), substring(c.work, 1, 6), c.sector),
  ('day', toDate(toTimeZone(at, 'Asia/Shanghai')), substring(c.work, 1, 4), '')
] AS cell
WHERE {commits}
GROUP BY cell, status
