-- What the first report of a point counts for by itself: the rows of `industryRows` (ingestion/changes.ts) for a history of one.
-- A report gives up to three rows: its stock from the observation on, the same with minus 62 days after the period's end, its
-- flows at the period's start. Stock that would end before it begins and rows of nothing but zeros are left out.
WITH
  o.headcount IS NOT NULL AND o.averageWageFen IS NOT NULL AS isWeighed,
  o.accountBalanceFen IS NOT NULL AND o.wageBillFen IS NOT NULL AS isCovered,
  o.wagePaidFen IS NOT NULL AND o.wageBillFen IS NOT NULL AS isPaidKnown,
  toDate(if(length(o.period) = 7, concat(o.period, '-01'), o.period)) AS firstDay,
  if(length(o.period) = 7, addMonths(firstDay, 1), addDays(firstDay, 1)) AS nextDay,
  -- The calendar of Asia/Shanghai, UTC+8 throughout.
  toDateTime64(firstDay, 3, 'UTC') - toIntervalHour(8) AS startsAt,
  toDateTime64(addDays(nextDay, 62), 3, 'UTC') - toIntervalHour(8) AS expiresAt,
  arrayJoin(arrayConcat(
    if(expiresAt > o.observedAt, [(o.observedAt, 1, 0), (expiresAt, -1, 0)], []),
    if(o.hires IS NOT NULL OR o.departures IS NOT NULL OR isPaidKnown, [(startsAt, 0, 1)], [])
  )) AS part,
  part.2 AS stock,
  part.3 AS flow
SELECT part.1 AS at, receivedAt AS knownAt, historyKey, substring(o.workRegion, 1, 9) AS work, sector, source,
  stock AS points,
  stock * ifNull(o.headcount, 0) AS headcount, stock * (o.headcount IS NOT NULL) AS headcountReports,
  stock * ifNull(o.vacancies, 0) AS vacancies, stock * (o.vacancies IS NOT NULL) AS vacancyReports,
  stock * if(isWeighed, assumeNotNull(o.headcount) * assumeNotNull(o.averageWageFen), 0) AS wageWeightFen,
  stock * if(isWeighed, assumeNotNull(o.headcount), 0) AS wageHeadcount,
  stock * if(isCovered, assumeNotNull(o.accountBalanceFen), 0) AS coverBalanceFen,
  stock * if(isCovered, assumeNotNull(o.wageBillFen), 0) AS coverBillFen,
  flow * ifNull(o.hires, 0) AS hires, flow * (o.hires IS NOT NULL) AS hiresReports,
  flow * ifNull(o.departures, 0) AS departures, flow * (o.departures IS NOT NULL) AS departuresReports,
  flow * if(isPaidKnown, assumeNotNull(o.wagePaidFen), 0) AS paidFen,
  flow * if(isPaidKnown, assumeNotNull(o.wageBillFen), 0) AS billFen
FROM industry_observations_v1 AS o
WHERE {commit}
