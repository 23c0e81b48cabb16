-- touched-cases: cases, with the site they count under, that changed in commits after `after` up to `until` (µs), once each,
-- of the sites after `afterSite` ('' for all): whole sites, as many as hold `rows` cases or a few more.
-- A case that moved from one site to another is there with both. Grouped: DISTINCT would stop at the end of the engine's block
-- in which it has its rows, in the middle of a site.
SELECT site, caseKey FROM (
  SELECT site, historyKey AS caseKey FROM arrears_changes_v1
  WHERE knownAt > fromUnixTimestamp64Micro({after:Int64}) AND knownAt <= fromUnixTimestamp64Micro({until:Int64})
    AND site > {afterSite:String}
  GROUP BY site, historyKey
  ORDER BY site LIMIT {rows:UInt32} WITH TIES
) ORDER BY site, caseKey
