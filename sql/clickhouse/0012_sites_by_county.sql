-- What an employer known by its code owes is counted county by county: 'employer:<code>' in changes and in what is open
-- becomes 'employer:<code>:<county>'. Observations keep what they were stored with: the county is added where they are counted.
-- Replay: what has a county already is left as it is, and the roll-up is made anew from the change rows.
ALTER TABLE arrears_changes_v1 UPDATE site = concat(site, ':', substring(work, 1, 6))
WHERE match(site, '^employer:[0-9A-Z]{18}$') SETTINGS mutations_sync = 2
;
TRUNCATE TABLE arrears_open_by_site_v1
;
INSERT INTO arrears_open_by_site_v1
SELECT site, historyKey, sum(c.cases) AS cases, sum(c.workers) AS workers, sum(c.owedFen) AS owedFen, sum(c.gathering) AS gathering, count() AS changeRows
FROM arrears_changes_v1 AS c
WHERE status NOT IN ('settled', 'dismissed')
GROUP BY site, historyKey
