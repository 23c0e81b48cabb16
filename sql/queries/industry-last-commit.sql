-- industry-last-commit: the observations of the newest commit, to finish it after a crash. Empty on an empty store.
SELECT historyKey, toUnixTimestamp64Milli(observedAt) AS observedMs, toUnixTimestamp64Micro(receivedAt) AS receivedMicros,
  ordinal, contentHash, source, period, workRegion, sector, headcount, vacancies, hires, departures, averageWageFen, wageBillFen, wagePaidFen, accountBalanceFen
FROM industry_observations_v1
WHERE receivedAt = (SELECT max(receivedAt) FROM industry_observations_v1)
ORDER BY ordinal
