-- source-receipts: the newest observation of each source, as received up to an instant (µs): what silence is measured from.
-- A source that never sent has no row.
SELECT source, toUnixTimestamp64Milli(max(newestAt)) AS newestMs, toUnixTimestamp64Milli(max(receivedAt)) AS receivedMs,
  sum(observations) AS observationCount
FROM source_receipts_v1
WHERE receivedAt <= fromUnixTimestamp64Micro({until:Int64})
GROUP BY source ORDER BY source
