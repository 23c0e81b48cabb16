-- workers_rollup_v1: people by the grains that the screens ask for; every change row counts once in each. Months and days are of Asia/Shanghai.
-- changeRows counts the change rows behind a sum: it tells which commits a roll-up holds.
SELECT cell.1 AS grain, cell.2 AS bucket, cell.3 AS home, cell.4 AS work, cell.5 AS sector, status,
  sum(c.people) AS people, count() AS changeRows
FROM workers_changes_v1 AS c
ARRAY JOIN [
  ('month.home', toDate(toStartOfMonth(toTimeZone(at, 'Asia/Shanghai'))), substring(c.home, 1, 6), substring(c.work, 1, 2), ''),
  ('month.work', toDate(toStartOfMonth(toTimeZone(at, 'Asia/Shanghai'))), substring(c.home, 1, 4), substring(c.work, 1, 6), ''),
  ('month.sector', toDate(toStartOfMonth(toTimeZone(at, 'Asia/Shanghai'))), substring(c.home, 1, 4), substring(c.work, 1, 2), c.sector),
  ('day', toDate(toTimeZone(at, 'Asia/Shanghai')), substring(c.home, 1, 4), substring(c.work, 1, 2), '')
] AS cell
WHERE {commits}
GROUP BY cell, status
