-- workers_per_month_home_v1: people by month, home county and work province. Months and days are of Asia/Shanghai.
-- changeRows counts the change rows behind a sum: it tells which commits a roll-up holds.
SELECT toDate(toStartOfMonth(toTimeZone(at, 'Asia/Shanghai'))) AS bucket, substring(c.home, 1, 6) AS home,
  substring(c.work, 1, 2) AS work, status, sum(c.people) AS people, count() AS changeRows
FROM workers_changes_v1 AS c
WHERE {commits}
GROUP BY bucket, home, work, status
