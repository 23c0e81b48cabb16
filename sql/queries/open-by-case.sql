-- open-by-case: the open cases of the given sites as they stand, with what an alert shows of them, as far as one of their
-- amounts reaches its least, or they are among `keys`: as many as `most`, those after `afterSite` and `afterCase` ('' for all);
-- places as in open-by-site.
-- Conditions stay where they are, and one thread reads and sums up in the order of the table, in small blocks, as in open-by-site: less memory
-- where a site has very many cases (300,000 at one site: 120 → 30 MB).
-- cases is 0 where the only observation of a case is being withdrawn.
-- A site without such a case has no row. Example: a settled case of 100 and an open one of 250 fen give one row, owedFen 250.
WITH o AS (
  SELECT site, historyKey, sum(a.workers) AS people, sum(a.owedFen) AS fen, sum(a.gathering) AS gathered
  FROM arrears_open_by_site_v1 AS a
  WHERE site IN {sites:Array(String)} AND site >= {afterSite:String} AND (site > {afterSite:String} OR historyKey > {afterCase:String})
  GROUP BY site, historyKey
  HAVING sum(a.cases) > 0 AND (gathered >= {gathering:Int64} OR people >= {workers:Int64} OR fen >= {owed:Int64}
    OR historyKey IN {keys:Array(String)})
  ORDER BY site, historyKey LIMIT {most:UInt32}
), c AS (
  SELECT historyKey, workRegion, sector, employer, project, status, observedAt, homeCodes FROM arrears_observations_v1
  WHERE historyKey IN (SELECT historyKey FROM o) AND batch NOT IN (SELECT batch FROM withdrawn_batches_v1)
  ORDER BY historyKey, observedAt DESC, saidAt DESC, receivedAt DESC, ordinal DESC LIMIT 1 BY historyKey
)
SELECT o.site AS site, o.historyKey AS caseKey, c.historyKey != '' AS cases, o.people AS workers, o.fen AS owedFen, o.gathered AS gathering,
  [(c.sector, c.workRegion)] AS workPlaces, arrayMap(home -> (c.sector, home), c.homeCodes) AS homePlaces,
  c.sector AS sector, c.employer AS employer, c.project AS project,
  c.status AS status, toUnixTimestamp64Milli(c.observedAt) AS observedMs
FROM o LEFT JOIN c ON c.historyKey = o.historyKey
ORDER BY site, caseKey
SETTINGS optimize_move_to_prewhere = 0, max_threads = 1, max_block_size = 2048, optimize_aggregation_in_order = 1
