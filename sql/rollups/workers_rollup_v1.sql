-- workers_rollup_v1: people by the grains that the screens ask for; every change row counts once in each. Months and days are of Asia/Shanghai.
-- Of a grain: how many digits of home and work it keeps. changeRows counts the change rows behind a sum: it tells which commits a roll-up holds.
SELECT grain, if(grain = 'day', toDate(at, 'Asia/Shanghai'), toStartOfMonth(toDate(at, 'Asia/Shanghai'))) AS bucket,
  substring(c.home, 1, homeDigits) AS home, substring(c.work, 1, workDigits) AS work, if(grain = 'month.sector', c.sector, '') AS sector, status,
  sum(c.people) AS people, count() AS changeRows
FROM workers_changes_v1 AS c
ARRAY JOIN ['month.home', 'month.work', 'month.sector', 'day'] AS grain, [6, 4, 4, 4] AS homeDigits, [2, 6, 2, 2] AS workDigits
WHERE {commits}
GROUP BY grain, bucket, home, work, sector, status
