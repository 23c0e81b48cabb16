-- newest-receipts: per kind, the newest commit that is fully counted and how many observations the last minute brought.
-- A kind that never arrived has no row.
SELECT kind, toUnixTimestamp64Micro(max(receivedAt)) AS knownAtMicros,
  sumIf(observations, receivedAt > now64(6) - INTERVAL 1 MINUTE) AS lastMinute
FROM source_receipts_v1 GROUP BY kind ORDER BY kind
