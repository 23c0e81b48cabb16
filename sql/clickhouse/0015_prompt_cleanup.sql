-- Parts that were merged into others are taken away every 5 to 15 s. By default the engine lets so much time pass that about 150
-- of a table have come together: under load of small commits over a thousand, of 27 KiB of memory each (measured: the engine holds
-- 40 MiB less, and as much after eight minutes as after one). How long such a part is kept at least (old_parts_lifetime) stays.
-- Replay: a setting that is set again stays as it is.
ALTER TABLE workers_observations_v1
  MODIFY SETTING cleanup_delay_period = 5, max_cleanup_delay_period = 15, cleanup_delay_period_random_add = 1
;
ALTER TABLE arrears_observations_v1
  MODIFY SETTING cleanup_delay_period = 5, max_cleanup_delay_period = 15, cleanup_delay_period_random_add = 1
;
ALTER TABLE industry_observations_v1
  MODIFY SETTING cleanup_delay_period = 5, max_cleanup_delay_period = 15, cleanup_delay_period_random_add = 1
;
ALTER TABLE workers_changes_v1
  MODIFY SETTING cleanup_delay_period = 5, max_cleanup_delay_period = 15, cleanup_delay_period_random_add = 1
;
ALTER TABLE arrears_changes_v1
  MODIFY SETTING cleanup_delay_period = 5, max_cleanup_delay_period = 15, cleanup_delay_period_random_add = 1
;
ALTER TABLE industry_changes_v1
  MODIFY SETTING cleanup_delay_period = 5, max_cleanup_delay_period = 15, cleanup_delay_period_random_add = 1
;
ALTER TABLE identities_v1
  MODIFY SETTING cleanup_delay_period = 5, max_cleanup_delay_period = 15, cleanup_delay_period_random_add = 1
;
ALTER TABLE source_receipts_v1
  MODIFY SETTING cleanup_delay_period = 5, max_cleanup_delay_period = 15, cleanup_delay_period_random_add = 1
;
ALTER TABLE arrears_open_by_site_v1
  MODIFY SETTING cleanup_delay_period = 5, max_cleanup_delay_period = 15, cleanup_delay_period_random_add = 1
;
ALTER TABLE arrears_per_day_v1
  MODIFY SETTING cleanup_delay_period = 5, max_cleanup_delay_period = 15, cleanup_delay_period_random_add = 1
;
ALTER TABLE arrears_per_month_v1
  MODIFY SETTING cleanup_delay_period = 5, max_cleanup_delay_period = 15, cleanup_delay_period_random_add = 1
;
ALTER TABLE industry_per_month_v1
  MODIFY SETTING cleanup_delay_period = 5, max_cleanup_delay_period = 15, cleanup_delay_period_random_add = 1
;
ALTER TABLE workers_per_day_v1
  MODIFY SETTING cleanup_delay_period = 5, max_cleanup_delay_period = 15, cleanup_delay_period_random_add = 1
;
ALTER TABLE workers_per_month_home_v1
  MODIFY SETTING cleanup_delay_period = 5, max_cleanup_delay_period = 15, cleanup_delay_period_random_add = 1
;
ALTER TABLE workers_per_month_sector_v1
  MODIFY SETTING cleanup_delay_period = 5, max_cleanup_delay_period = 15, cleanup_delay_period_random_add = 1
;
ALTER TABLE workers_per_month_work_v1
  MODIFY SETTING cleanup_delay_period = 5, max_cleanup_delay_period = 15, cleanup_delay_period_random_add = 1
