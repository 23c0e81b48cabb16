-- open-by-site: what is open at the given sites as it stands, summed up over as many of their cases as `most`, those after
-- `afterSite` and `afterCase` ('' for all), one row a site: read page by page, for a site may have very many cases. sector, names and
-- status are those of the case that owes most (heaviestFen, heaviestCase); workPlaces are those of all cases and homePlaces those
-- of all workers, each with the sector of its case, once and in no order. held is how many cases the page has, those too whose
-- only observation is being withdrawn, which count for nothing; lastCase is where the next page begins.
-- The latest observation is found by sorting: argMax over a tuple takes half a kilobyte a case.
-- Its conditions are not moved to where rows are read: two sets there, tried one after the other, take twice the memory and
-- three times the time. One thread reads, and sums up in the order of the table, so that a page takes what a page needs
-- (300,000 cases at one site: 300 MB at once, 130 by pages of 50,000, in twice the time). Blocks are small: of the engine's own
-- 65,409 rows each step holds one or two (a page: 111 MB, with blocks of 2,048 rows 62 in the same time).
-- A site without an open case has no row. Example: open cases of 100 and 250 fen give cases 2, owedFen 350.
WITH o AS (
  SELECT site, historyKey, sum(a.workers) AS people, sum(a.owedFen) AS fen, sum(a.gathering) AS gathered
  FROM arrears_open_by_site_v1 AS a
  WHERE site IN {sites:Array(String)} AND site >= {afterSite:String} AND (site > {afterSite:String} OR historyKey > {afterCase:String})
  GROUP BY site, historyKey HAVING sum(a.cases) > 0
  ORDER BY site, historyKey LIMIT {most:UInt32}
), c AS (
  SELECT historyKey, workRegion, sector, employer, project, status, observedAt, homeCodes FROM arrears_observations_v1
  WHERE historyKey IN (SELECT historyKey FROM o) AND batch NOT IN (SELECT batch FROM withdrawn_batches_v1)
  ORDER BY historyKey, observedAt DESC, saidAt DESC, receivedAt DESC, ordinal DESC LIMIT 1 BY historyKey
)
SELECT o.site AS site, count() AS held, countIf(c.historyKey != '' AS isThere) AS cases,
  sumIf(o.people, isThere) AS workers, sumIf(o.fen, isThere) AS owedFen, sumIf(o.gathered, isThere) AS gathering,
  groupUniqArrayIf((c.sector, c.workRegion), isThere) AS workPlaces,
  groupUniqArrayArrayIf(arrayMap(home -> (c.sector, home), c.homeCodes), isThere) AS homePlaces,
  toUnixTimestamp64Milli(maxIf(c.observedAt, isThere)) AS observedMs, max(o.historyKey) AS lastCase,
  argMinIf((o.fen, o.historyKey, c.sector, c.employer, c.project, c.status), (-o.fen, o.historyKey), isThere) AS heaviest,
  heaviest.1 AS heaviestFen, heaviest.2 AS heaviestCase,
  heaviest.3 AS sector, heaviest.4 AS employer, heaviest.5 AS project, heaviest.6 AS status
FROM o LEFT JOIN c ON c.historyKey = o.historyKey
GROUP BY o.site ORDER BY site
SETTINGS optimize_move_to_prewhere = 0, max_threads = 1, max_block_size = 2048, optimize_aggregation_in_order = 1
