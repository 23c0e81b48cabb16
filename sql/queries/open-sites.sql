-- open-sites: the sites at which the given cases are open as they are counted, once each. Empty when none is open.
-- A late observation touches the sites of older states only, so the present one has to be asked for.
SELECT DISTINCT site FROM (
  SELECT site, historyKey FROM arrears_open_by_site_v1 AS a
  WHERE historyKey IN {keys:Array(String)} GROUP BY site, historyKey HAVING sum(a.cases) > 0
) ORDER BY site
