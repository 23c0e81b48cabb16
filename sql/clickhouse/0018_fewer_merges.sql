-- All but observations merges thirty parts at a time. The engine reckons every part as 5 MiB larger than it is when it weighs what
-- merging brings, so of tables that are small, or are added to by small commits, it took the largest parts along again every five to ten
-- commits (measured, 20 commits of 10 rows a second beside 200,000 workers: 0.23 of a core for merges before, 0.09 now). Observations
-- stay at ten: a commit looks for thousands of keys in every part of them (at twenty, updates of a million workers were a seventh slower).
-- Replay: a setting that is set again stays as it is.
ALTER TABLE workers_changes_v1 MODIFY SETTING merge_selector_base = 30
;
ALTER TABLE arrears_changes_v1 MODIFY SETTING merge_selector_base = 30
;
ALTER TABLE industry_changes_v1 MODIFY SETTING merge_selector_base = 30
;
ALTER TABLE workers_rollup_v1 MODIFY SETTING merge_selector_base = 30
;
ALTER TABLE arrears_rollup_v1 MODIFY SETTING merge_selector_base = 30
;
ALTER TABLE industry_per_month_v1 MODIFY SETTING merge_selector_base = 30
;
ALTER TABLE arrears_open_by_site_v1 MODIFY SETTING merge_selector_base = 30
;
ALTER TABLE identities_v1 MODIFY SETTING merge_selector_base = 30
;
ALTER TABLE source_receipts_v1 MODIFY SETTING merge_selector_base = 30
