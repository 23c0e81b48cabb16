-- Reasons of acts and notes on alerts are kept with the numbers of persons in them masked (`ActReason`, `Action`): those that were kept
-- as they came are masked here, wherever eleven digits or more stand, in groups or not. The audit log stays as it was written: each of
-- its entries carries the hash of the one before.
CREATE OR REPLACE FUNCTION pg_temp.without_numbers(said text) RETURNS text IMMUTABLE LANGUAGE sql AS $$
  SELECT regexp_replace(said, '([0-9０-９]{3})(?:[ 　–—-]{0,3}[0-9０-９]){7,}[ 　–—-]{0,3}[0-9０-９XxＸｘ]', '\1****', 'g')
$$
;
UPDATE rejected_rows SET reason = pg_temp.without_numbers(reason) WHERE pg_temp.without_numbers(reason) <> reason
;
UPDATE withdrawals SET reason = pg_temp.without_numbers(reason) WHERE pg_temp.without_numbers(reason) <> reason
;
UPDATE locks SET reason = pg_temp.without_numbers(reason) WHERE pg_temp.without_numbers(reason) <> reason
;
UPDATE lock_exceptions SET reason = pg_temp.without_numbers(reason) WHERE pg_temp.without_numbers(reason) <> reason
;
UPDATE alert_log SET note = pg_temp.without_numbers(note) WHERE pg_temp.without_numbers(note) <> note
