-- instant-reports: how many major events each source told since an instant. A source that told none is absent.
SELECT source, count() AS reportCount
FROM industry_observations_v1
WHERE majorEvent != '' AND observedAt >= fromUnixTimestamp64Milli({fromMs:Int64})
  AND batch NOT IN (SELECT batch FROM withdrawn_batches_v1)
GROUP BY source ORDER BY source
