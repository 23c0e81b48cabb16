-- Lines of a file that are none of its rows (totals, signatures, notes): how many, and the first hundred of them by their number
-- and why. They are in no other count of a batch.
ALTER TABLE batches ADD COLUMN "leftOut" jsonb NOT NULL DEFAULT '{"count": 0, "lines": []}'
