-- latest-sites: the sites that the given cases count under by their latest observation, once each.
-- A late observation touches the sites of older states only, so the present one has to be asked for.
SELECT DISTINCT latest AS site FROM (
  SELECT argMax(o.site, (o.observedAt, o.receivedAt, o.ordinal)) AS latest
  FROM arrears_observations_v1 AS o WHERE o.historyKey IN {keys:Array(String)} GROUP BY o.historyKey
) ORDER BY site
