-- source-receipts: the newest observation of each source, as received up to an instant (µs): what silence is measured from.
-- A source that never sent, or whose every batch was withdrawn, has no row. A withdrawal leaves a receipt of 0 observations
-- that says which one is the newest then: of a kind, only what came from there on counts. Nothing was received by it, so the newest
-- receipt is another. observationCount counts all received.
SELECT r.source AS source, toUnixTimestamp64Milli(maxIf(newestAt, r.receivedAt >= w.withdrawnAt)) AS newestMs,
  toUnixTimestamp64Milli(maxIf(r.receivedAt, observations > 0)) AS receivedMs, sum(observations) AS observationCount
FROM source_receipts_v1 AS r
LEFT JOIN (
  SELECT source, kind, max(receivedAt) AS withdrawnAt FROM source_receipts_v1
  WHERE observations = 0 AND receivedAt <= fromUnixTimestamp64Micro({until:Int64}) GROUP BY source, kind
) AS w ON w.source = r.source AND w.kind = r.kind
WHERE r.receivedAt <= fromUnixTimestamp64Micro({until:Int64})
GROUP BY r.source HAVING newestMs > 0 ORDER BY r.source
