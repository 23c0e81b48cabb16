-- identities-remaining: how many records are still under a key older than `current`; no row when none is.
SELECT count() AS n FROM identities_v1 FINAL WHERE keyVersion < {current:Int64} HAVING n > 0
