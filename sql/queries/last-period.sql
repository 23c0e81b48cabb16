-- last-period: the newest report that some sources gave of a line (point, or point and project): hints for the next one.
-- Of one period the later observed, then the later said holds. Money is fen; null = not reported.
SELECT period, sector, employers, headcount, hires, departures, vacancies, averageWageFen, wageBillFen, wagePaidFen, paidWorkers,
  attendingWorkers, registeredWorkers, accountBalanceFen, payDay, depositHeldFen, depositRequiredFen, stopped
FROM industry_observations_v1
WHERE historyKey = {historyKey:String} AND source IN {sources:Array(String)} AND batch NOT IN (SELECT batch FROM withdrawn_batches_v1)
ORDER BY period DESC, observedAt DESC, saidAt DESC, receivedAt DESC, ordinal DESC
LIMIT 1
