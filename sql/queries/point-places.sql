-- point-places: where each monitoring point lies by its latest observation, and when that was true and said, as far as one was
-- received after a commit (µs; 0: all). What a point tells at once of a major event ({instantSuffix}) and of its projects is of
-- one point. At one instant the later said holds: the place of an observation in time is one number, as argMax over a tuple takes
-- half a kilobyte a point. Withdrawn batches are left out.
WITH bitShiftLeft(toUInt256(toUnixTimestamp64Milli(o.observedAt)), 128) + bitShiftLeft(toUInt256(toUnixTimestamp64Micro(o.saidAt)), 76)
  + bitShiftLeft(toUInt256(toUnixTimestamp64Micro(o.receivedAt)), 24) + o.ordinal AS rank
SELECT replaceRegexpOne(substring(historyKey, 1, position(historyKey, '|') - 1), concat({instantSuffix:String}, '$'), '') AS point,
  argMax(workRegion, rank) AS region, max(rank) AS latest, toUInt64(bitShiftRight(latest, 128)) AS observedMs,
  toUInt64(modulo(bitShiftRight(latest, 76), toUInt256(bitShiftLeft(toUInt64(1), 52)))) AS saidMicros,
  toUnixTimestamp64Micro(max(o.receivedAt)) AS receivedMicros
FROM industry_observations_v1 AS o
WHERE receivedAt > fromUnixTimestamp64Micro({after:Int64}) AND batch NOT IN (SELECT batch FROM withdrawn_batches_v1)
GROUP BY point ORDER BY point
