-- The person of a rejected row (keyed hash of its ID number as sent, '' = none), so that an erasure finds the rows it must delete.
ALTER TABLE rejected_rows ADD COLUMN "personKey" text NOT NULL DEFAULT ''
;
CREATE INDEX rejected_rows_person ON rejected_rows ("personKey") WHERE "personKey" <> ''
