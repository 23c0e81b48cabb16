-- Which batches hold mended rows: a source did not send those, so they count for nothing of how it sends.
CREATE INDEX rejected_rows_into ON rejected_rows ("into") WHERE "into" IS NOT NULL
