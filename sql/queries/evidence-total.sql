-- evidence-total: how many observations case-evidence has of the given cases in all. No row where there is none.
SELECT count() AS total FROM arrears_observations_v1
WHERE {scope} AND historyKey IN {cases:Array(String)} AND batch NOT IN (SELECT batch FROM withdrawn_batches_v1)
HAVING total > 0
