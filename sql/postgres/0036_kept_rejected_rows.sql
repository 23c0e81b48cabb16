-- Of very many rejected rows of one batch the first are kept, the others are only counted: "notKept" says how many these are.
ALTER TABLE batches ADD COLUMN "notKept" integer NOT NULL DEFAULT 0
;
-- Trials, whose rejected rows go a day after they ended.
CREATE INDEX batches_trials ON batches ("receivedAt") WHERE mode = 'validate'
