-- open-by-site: what is open at the given sites as it stands, summed up, one row a site, so that a site of very many cases
-- is one row too. sector, names and status are those of the case that owes most; workPlaces are those of all cases and
-- homePlaces those of all workers, each with the sector of its case, once and in no order.
-- The latest observation is found by sorting: argMax over a tuple takes half a kilobyte a case.
-- Its conditions are not moved to where rows are read: two sets there, tried one after the other, take twice the memory and
-- three times the time (300,000 cases at one site: 500 → 250 MB). One thread reads: with two it takes a tenth more memory.
-- A site without an open case has no row. Example: open cases of 100 and 250 fen give cases 2, owedFen 350.
WITH o AS (
  SELECT site, historyKey, sum(a.workers) AS people, sum(a.owedFen) AS fen, sum(a.gathering) AS gathered
  FROM arrears_open_by_site_v1 AS a WHERE site IN {sites:Array(String)}
  GROUP BY site, historyKey HAVING sum(a.cases) > 0
), c AS (
  SELECT historyKey, workRegion, sector, employer, project, status, observedAt, homeCodes FROM arrears_observations_v1
  WHERE historyKey IN (SELECT historyKey FROM o) AND batch NOT IN (SELECT batch FROM withdrawn_batches_v1)
  ORDER BY historyKey, observedAt DESC, saidAt DESC, receivedAt DESC, ordinal DESC LIMIT 1 BY historyKey
)
SELECT o.site AS site, count() AS cases, sum(o.people) AS workers, sum(o.fen) AS owedFen, sum(o.gathered) AS gathering,
  groupUniqArray((c.sector, c.workRegion)) AS workPlaces,
  groupUniqArrayArray(arrayMap(home -> (c.sector, home), c.homeCodes)) AS homePlaces,
  toUnixTimestamp64Milli(max(c.observedAt)) AS observedMs,
  argMin((c.sector, c.employer, c.project, c.status), (-o.fen, o.historyKey)) AS heaviest,
  heaviest.1 AS sector, heaviest.2 AS employer, heaviest.3 AS project, heaviest.4 AS status
FROM o JOIN c ON c.historyKey = o.historyKey
GROUP BY o.site ORDER BY site
SETTINGS optimize_move_to_prewhere = 0, max_threads = 1
