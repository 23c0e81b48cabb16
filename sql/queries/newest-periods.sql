-- newest-periods: the newest month and the newest day that each source reported, as received up to an instant (µs): what silence of
-- a point is measured from. Instant reports, told by the end of their point's id, are no period's report. '' where it reported none;
-- a source that never reported a period, or whose every report was withdrawn, has no row.
SELECT source, maxIf(period, length(period) = 7) AS month, maxIf(period, length(period) = 10) AS day
FROM industry_observations_v1
WHERE receivedAt <= fromUnixTimestamp64Micro({until:Int64}) AND NOT endsWith(pointId, {instantSuffix:String})
  AND batch NOT IN (SELECT batch FROM withdrawn_batches_v1 WHERE receivedAt <= fromUnixTimestamp64Micro({until:Int64}))
GROUP BY source ORDER BY source
