-- identities-old-key: records still under a key older than `current`, of persons whose key begins like `from` (up to `until`).
SELECT personKey, hasPhone, sealed, keyVersion, phoneKey, source, toUnixTimestamp64Milli(observedAt) AS observedMs,
  toUnixTimestamp64Micro(receivedAt) AS receivedMicros, toUnixTimestamp64Micro(saidAt) AS saidMicros, ordinal
FROM identities_v1 FINAL
WHERE keyVersion < {current:Int64} AND personKey >= {from:String} AND personKey < {until:String}
