-- day-receipts: for each source and day of Asia/Shanghai, when data observed on that day first came: what punctuality is
-- judged by for sources whose signals name no period. Nothing is received before it was observed (but for a clock's skew). What was withdrawn since did come.
SELECT source, toString(toDate(newestAt, 'Asia/Shanghai')) AS day, toUnixTimestamp64Milli(min(receivedAt)) AS firstMs
FROM source_receipts_v1
WHERE observations > 0 AND receivedAt >= fromUnixTimestamp64Milli({fromMs:Int64}) AND newestAt >= fromUnixTimestamp64Milli({fromMs:Int64})
GROUP BY source, day ORDER BY source, day
