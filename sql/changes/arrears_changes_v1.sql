-- What the first observation of a case counts for by itself: the rows of `arrearsRows` (ingestion/changes.ts) for a history of one.
-- `site` is that of `siteWithin` (api/domain/site.ts).
SELECT observedAt AS at, receivedAt AS knownAt, historyKey, observedAt AS firstAt,
  if(match(o.site, '^employer:[0-9A-Z]{18}$'), concat(o.site, ':', substring(o.workRegion, 1, 6)), o.site) AS site,
  substring(o.workRegion, 1, 9) AS work,
  sector, status, channel, source, employer, homeCodes, homeWorkers,
  1 AS cases, workers, owedFen, gathering, 1 AS births, 0 AS recoveredFen
FROM arrears_observations_v1 AS o
WHERE {commit}
