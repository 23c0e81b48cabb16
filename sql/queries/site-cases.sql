-- site-cases: the keys of every case that ever counted under a site, open or not. Empty for an unknown site.
SELECT DISTINCT historyKey AS caseKey FROM arrears_open_by_site_v1 WHERE site = {site:String} ORDER BY caseKey
