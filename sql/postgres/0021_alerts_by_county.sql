-- What an employer known by its code owes is judged county by county. Its alerts over all counties that are still open are
-- resolved, with the reason in the log, and everything committed so far is judged again, so those of the counties open.
WITH ended AS (
  SELECT id, row_number() OVER (ORDER BY seq) AS n,
    body || jsonb_build_object('state', 'resolved', 'changedAt', t.at, 'resolvedAt', t.at) AS body
  FROM alerts, (SELECT to_char(now() AT TIME ZONE 'UTC' + interval '8 hours', 'YYYY-MM-DD"T"HH24:MI:SS.MS"+08:00"') AS at) AS t
  WHERE state <> 'resolved' AND "group" ~ '^employer:[0-9A-Z]{18}$'
), counter AS (
  UPDATE log_counter SET seq = seq + (SELECT count(*) FROM ended) RETURNING seq - (SELECT count(*) FROM ended) AS before
), logged AS (
  INSERT INTO alert_log (seq, at, change, "alertId", "by", note, body)
  SELECT before + n, now(), 'resolved', id, NULL, '改为按县区分别预警 · from now on judged county by county', body
  FROM ended, counter
), again AS (
  UPDATE evaluated SET "knownAtMicros" = 0 WHERE kind = 'arrears' AND EXISTS (SELECT FROM ended)
)
UPDATE alerts a SET state = 'resolved', "changedAt" = now(), seq = before + n, body = ended.body
FROM ended, counter WHERE a.id = ended.id
