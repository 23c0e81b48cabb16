-- point-places: where each monitoring point lies by its latest observation, and when that was true, as far as one was received
-- after a commit (µs; 0: all). What a point tells at once of a major event ({instantSuffix}) and of its projects is of one point.
-- At one instant the later received holds: its place in time, commit and row is one number. Withdrawn batches are left out.
SELECT replaceRegexpOne(substring(historyKey, 1, position(historyKey, '|') - 1), concat({instantSuffix:String}, '$'), '') AS point,
  argMax(workRegion, bitShiftLeft(toUInt128(toUnixTimestamp64Milli(o.observedAt)), 84)
    + bitShiftLeft(toUInt128(toUnixTimestamp64Micro(o.receivedAt)), 32) + o.ordinal) AS region,
  toUnixTimestamp64Milli(max(o.observedAt)) AS observedMs, toUnixTimestamp64Micro(max(o.receivedAt)) AS receivedMicros
FROM industry_observations_v1 AS o
WHERE receivedAt > fromUnixTimestamp64Micro({after:Int64}) AND batch NOT IN (SELECT batch FROM withdrawn_batches_v1)
GROUP BY point ORDER BY point
