-- withdrawal: when a batch was withdrawn (µs). No row when it was not.
SELECT toUnixTimestamp64Micro(receivedAt) AS receivedMicros FROM withdrawn_batches_v1 WHERE batch = {batch:String} LIMIT 1
