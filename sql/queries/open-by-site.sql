-- open-by-site: what is open at the given sites as it stands, summed up, one row a site, so that a site of very many cases
-- is one row too. region is the smallest that holds all of the cases; sector, names and status are those of the case that
-- owes most; works and sectors are those of all cases, homes those of all workers; bySector says which places are of which
-- sector, where there are several.
-- The latest observation is found by sorting: argMax over a tuple takes half a kilobyte a case.
-- Its conditions are not moved to where rows are read: two sets there, tried one after the other, take twice the memory and
-- three times the time (300,000 cases at one site: 500 → 250 MB).
-- A site without an open case has no row. Example: open cases of 100 and 250 fen give cases 2, owedFen 350.
WITH o AS (
  SELECT site, historyKey, sum(a.workers) AS people, sum(a.owedFen) AS fen, sum(a.gathering) AS gathered
  FROM arrears_open_by_site_v1 AS a WHERE site IN {sites:Array(String)}
  GROUP BY site, historyKey HAVING sum(a.cases) > 0
), c AS (
  SELECT historyKey, workRegion, sector, employer, project, status, observedAt, homeCodes FROM arrears_observations_v1
  WHERE historyKey IN (SELECT historyKey FROM o) AND batch NOT IN (SELECT batch FROM withdrawn_batches_v1)
  ORDER BY historyKey, observedAt DESC, saidAt DESC, receivedAt DESC, ordinal DESC LIMIT 1 BY historyKey
), s AS (
  SELECT o.site AS site, c.sector AS sector, count() AS n, sum(o.people) AS people, sum(o.fen) AS fen, sum(o.gathered) AS gathered,
    arraySort(groupUniqArray(c.workRegion)) AS workRegions, arraySort(groupUniqArrayArray(c.homeCodes)) AS homeRegions,
    max(c.observedAt) AS observedAt,
    argMin((c.sector, c.employer, c.project, c.status, o.fen, o.historyKey), (-o.fen, o.historyKey)) AS heaviest
  FROM o JOIN c ON c.historyKey = o.historyKey
  GROUP BY o.site, c.sector
)
SELECT s.site AS site, sum(s.n) AS cases, sum(s.people) AS workers, sum(s.fen) AS owedFen, sum(s.gathered) AS gathering,
  arraySort(groupUniqArrayArray(s.workRegions)) AS works, arraySort(groupUniqArrayArray(s.homeRegions)) AS homes,
  arraySort(groupArray(s.sector)) AS sectors,
  if(count() = 1, [], arraySort(groupArray((s.sector, s.workRegions, s.homeRegions))))
    ::Array(Tuple(sector String, workRegions Array(String), homeRegions Array(String))) AS bySector,
  toUnixTimestamp64Milli(max(s.observedAt)) AS observedMs,
  -- What the first and the last place have in common, all have: 2, 4, 6, 9 or 12 digits.
  arrayFirst(place -> startsWith(works[-1], place), arrayMap(digits -> substring(works[1], 1, digits), [12, 9, 6, 4, 2])) AS region,
  argMin(s.heaviest, (-s.heaviest.5, s.heaviest.6)) AS most,
  most.1 AS sector, most.2 AS employer, most.3 AS project, most.4 AS status
FROM s GROUP BY s.site ORDER BY site
SETTINGS optimize_move_to_prewhere = 0
