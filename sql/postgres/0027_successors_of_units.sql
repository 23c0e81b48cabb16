-- A point belongs to one unit that works: whoever takes over from one that was retired goes on with its point. The source stays
-- with the retired one, as it is due no more.
ALTER TABLE units DROP CONSTRAINT "units_pointId_key"
;
CREATE UNIQUE INDEX units_point ON units ("pointId") WHERE "retiredAt" IS NULL
