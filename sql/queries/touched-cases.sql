-- touched-cases: cases, with the site they count under, that changed in commits after `after` up to `until` (µs), once each.
-- A case that moved from one site to another is there with both.
SELECT DISTINCT site, historyKey AS caseKey FROM arrears_changes_v1
WHERE knownAt > fromUnixTimestamp64Micro({after:Int64}) AND knownAt <= fromUnixTimestamp64Micro({until:Int64})
ORDER BY site, caseKey
