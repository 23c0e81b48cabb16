-- workers_per_month_work_v1: people by month, work county and home city. Months and days are of Asia/Shanghai.
-- changeRows counts the change rows behind a sum: it tells which commits a roll-up holds.
SELECT toDate(toStartOfMonth(toTimeZone(at, 'Asia/Shanghai'))) AS bucket, substring(c.home, 1, 4) AS home,
  substring(c.work, 1, 6) AS work, status, sum(c.people) AS people, count() AS changeRows
FROM workers_changes_v1 AS c
WHERE {commits}
GROUP BY bucket, home, work, status
