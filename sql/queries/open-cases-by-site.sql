-- open-cases-by-site: the open cases of the given sites as they stand, with what an alert shows of them.
-- homes are those of its workers, in order.
-- A site without an open case has no row. Example: a settled case of 100 and an open one of 250 fen give one row, owedFen 250.
SELECT o.site AS site, o.historyKey AS caseKey, o.workers AS workers, o.owedFen AS owedFen, o.gathering AS gathering, c.homes AS homes,
  c.latest.1 AS region, c.latest.2 AS sector, c.latest.3 AS employer, c.latest.4 AS project, c.latest.5 AS observedMs
FROM (
  SELECT site, historyKey, sum(a.workers) AS workers, sum(a.owedFen) AS owedFen, sum(a.gathering) AS gathering
  FROM arrears_open_by_site_v1 AS a WHERE site IN {sites:Array(String)}
  GROUP BY site, historyKey HAVING sum(a.cases) > 0
) AS o
JOIN (
  SELECT historyKey, argMax((workRegion, sector, employer, project, toUnixTimestamp64Milli(observedAt)), (observedAt, receivedAt, ordinal)) AS latest,
    arraySort(argMax(homeCodes, (observedAt, receivedAt, ordinal))) AS homes
  FROM arrears_observations_v1
  WHERE historyKey IN (SELECT historyKey FROM arrears_open_by_site_v1 WHERE site IN {sites:Array(String)})
    AND batch NOT IN (SELECT batch FROM withdrawn_batches_v1)
  GROUP BY historyKey
) AS c ON c.historyKey = o.historyKey
ORDER BY site, caseKey
