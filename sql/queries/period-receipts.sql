-- period-receipts: when the first report of each period came from each source, for periods that begin on or after a day.
-- Instant reports, told by the end of their point's id, are no period's report. A period nobody reported, or whose report was withdrawn, is absent.
-- No report comes before its period begins, so only what was received since then is read.
SELECT source, period, toUnixTimestamp64Milli(min(receivedAt)) AS firstMs
FROM industry_observations_v1
WHERE receivedAt >= fromUnixTimestamp64Milli({fromMs:Int64}) AND period >= {fromMonth:String}
  AND NOT endsWith(pointId, {instantSuffix:String})
  AND batch NOT IN (SELECT batch FROM withdrawn_batches_v1)
GROUP BY source, period ORDER BY source, period
