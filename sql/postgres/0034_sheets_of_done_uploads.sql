-- Which sheet of a workbook to read is to be known until its upload has ended; its name may be a person's.
UPDATE uploads SET options = jsonb_set(options, '{sheet}', 'null') WHERE state IN ('done', 'failed') AND options ->> 'sheet' IS NOT NULL
