-- industry_per_month_v1: sums of the reports by month, county and sector. Months and days are of Asia/Shanghai.
-- changeRows counts the change rows behind a sum: it tells which commits a roll-up holds.
SELECT toStartOfMonth(toDate(at, 'Asia/Shanghai')) AS bucket, substring(c.work, 1, 6) AS work, sector,
  sum(c.points) AS points, sum(c.headcount) AS headcount, sum(c.headcountReports) AS headcountReports,
  sum(c.vacancies) AS vacancies, sum(c.vacancyReports) AS vacancyReports, sum(c.wageWeightFen) AS wageWeightFen,
  sum(c.wageHeadcount) AS wageHeadcount, sum(c.coverBalanceFen) AS coverBalanceFen, sum(c.coverBillFen) AS coverBillFen,
  sum(c.hires) AS hires, sum(c.hiresReports) AS hiresReports, sum(c.departures) AS departures,
  sum(c.departuresReports) AS departuresReports, sum(c.paidFen) AS paidFen, sum(c.billFen) AS billFen, count() AS changeRows
FROM industry_changes_v1 AS c
WHERE {commits}
GROUP BY bucket, work, sector
