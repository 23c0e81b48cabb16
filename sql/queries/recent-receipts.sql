-- recent-receipts: the latest commits that brought something from one source, newest first.
SELECT kind, toUnixTimestamp64Milli(receivedAt) AS receivedMs, observations AS observationCount
FROM source_receipts_v1
WHERE source = {source:String} AND observations > 0
ORDER BY receivedMs DESC, kind
LIMIT 10
