-- case-evidence: every observation of the given cases in the order they were true: the rows that prove an alert.
-- At one instant the later said stands last and wins. Money is fen. Batches that were withdrawn are left out.
-- Of all of them (evidence-total) at most `limit`, from `offset` on.
SELECT historyKey AS caseKey, caseId, source, toUnixTimestamp64Milli(observedAt) AS observedMs,
  toUnixTimestamp64Milli(receivedAt) AS receivedMs, channel, workRegion, sector, employer, project, status, workers, owedFen,
  paidFen, gathering, note
FROM arrears_observations_v1
WHERE {scope} AND historyKey IN {cases:Array(String)} AND batch NOT IN (SELECT batch FROM withdrawn_batches_v1)
ORDER BY historyKey, observedAt, saidAt, receivedAt, ordinal
LIMIT {limit:UInt32} OFFSET {offset:UInt32}
