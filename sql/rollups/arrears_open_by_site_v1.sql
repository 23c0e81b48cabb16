-- arrears_open_by_site_v1: what is open, by site and case: what the rules judge. Months and days are of Asia/Shanghai.
-- changeRows counts the change rows behind a sum: it tells which commits a roll-up holds.
SELECT site, historyKey, sum(c.cases) AS cases, sum(c.workers) AS workers, sum(c.owedFen) AS owedFen, sum(c.gathering) AS gathering, count() AS changeRows
FROM arrears_changes_v1 AS c
WHERE {commits} AND status NOT IN ('settled', 'dismissed')
GROUP BY site, historyKey
