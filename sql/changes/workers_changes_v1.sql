-- What the first observation of a person counts for by itself: the rows of `workersRows` (ingestion/changes.ts) for a history of one.
SELECT observedAt AS at, receivedAt AS knownAt, historyKey, substring(o.homeRegion, 1, 9) AS home, substring(o.workRegion, 1, 9) AS work,
  sector, status, source, employer, 1 AS people
FROM workers_observations_v1 AS o
WHERE {commit}
