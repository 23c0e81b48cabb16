-- employer-sites: every site of the employers with the given codes, open or not, once each. They lie side by side, so one
-- employer's are a short range. Empty for codes nobody was ever reported under.
SELECT DISTINCT site FROM arrears_open_by_site_v1
WHERE site >= concat('employer:', arrayMin({codes:Array(String)})) AND site <= concat('employer:', arrayMax({codes:Array(String)}), ':~')
  AND substring(site, 10, 18) IN {codes:Array(String)} AND substring(site, 28, 1) = ':'
ORDER BY site
