-- uncounted-withdrawal: the oldest withdrawal of a kind that is written down but not counted, to finish it after a crash.
-- Its receipt is written last, so what is newer than the newest receipt is not counted. Empty in a sound store.
SELECT batch, source, toUnixTimestamp64Micro(w.receivedAt) AS receivedMicros FROM withdrawn_batches_v1 AS w
WHERE kind = {kind:String} AND w.receivedAt > (SELECT max(receivedAt) FROM source_receipts_v1 WHERE kind = {kind:String})
ORDER BY w.receivedAt LIMIT 1
