-- person-history: every observation of some persons in the order that merging goes by, what it said and who said it.
-- Batches that were withdrawn are left out. Who they are is put in by person-history.ts. Texts are '' where not said. A person without observations has no row.
SELECT historyKey AS personKey, source, toUnixTimestamp64Milli(observedAt) AS observedMs,
  toUnixTimestamp64Milli(toDateTime64(o.receivedAt, 3)) AS receivedMs, homeRegion, household, status, workRegion, sector, occupation,
  employer, employerCode, project, monthlyWageFen AS monthlyWage, contractSigned, insured, skills
FROM workers_observations_v1 AS o
WHERE historyKey IN {who} AND batch NOT IN (SELECT batch FROM withdrawn_batches_v1)
ORDER BY historyKey, observedAt, saidAt, o.receivedAt, ordinal
