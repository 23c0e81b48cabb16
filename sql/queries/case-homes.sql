-- case-homes: where the workers of the given cases are registered, of those cases that were open at some time between two
-- instants (µs of receipt, both in it) by what was known at the later one. Withdrawn batches are left out.
SELECT DISTINCT arrayJoin(homes) AS home FROM (
  SELECT argMax(homeCodes, (observedAt, saidAt, receivedAt, ordinal)) AS homes
  FROM arrears_observations_v1
  WHERE historyKey IN {cases:Array(String)} AND receivedAt <= fromUnixTimestamp64Micro({until:Int64})
    AND batch NOT IN (SELECT batch FROM withdrawn_batches_v1)
  GROUP BY historyKey
  HAVING argMax(status, (observedAt, saidAt, receivedAt, ordinal)) NOT IN ('settled', 'dismissed')
    OR max(receivedAt) >= fromUnixTimestamp64Micro({from:Int64})
)
ORDER BY home
