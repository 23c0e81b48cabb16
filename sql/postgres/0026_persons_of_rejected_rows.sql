-- A rejected row may tell of several persons: whose number it has, and who it turned out to be when it was corrected. Their
-- keys stand in "personKey" with blanks between, and an erasure, which is rare, reads them all.
DROP INDEX rejected_rows_person
