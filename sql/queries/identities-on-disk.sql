-- identities-on-disk: how many rows of the vault are still under a key older than `current`, those that were replaced and have not
-- been merged away among them; no row when none is.
SELECT count() AS n FROM identities_v1 WHERE keyVersion < {current:Int64} HAVING n > 0
