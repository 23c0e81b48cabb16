-- identities: the sealed record of each of the given persons, in up to two rows: the latest observation with a phone and
-- the latest without one. A person who is not known or was erased has no row.
SELECT personKey, hasPhone, sealed, keyVersion, phoneKey, source, toUnixTimestamp64Milli(observedAt) AS observedMs
FROM identities_v1 FINAL
WHERE personKey IN {keys:Array(String)}
ORDER BY personKey, version DESC
