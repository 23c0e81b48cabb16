-- site-cases: the keys of every case that ever counted under one of the sites, open or not. Empty for unknown sites.
SELECT DISTINCT historyKey AS caseKey FROM arrears_open_by_site_v1 WHERE site IN {sites:Array(String)} ORDER BY caseKey
