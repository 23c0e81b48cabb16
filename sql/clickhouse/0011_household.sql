-- workers_observations_v1.household: the household of the person as one sender numbers it within the home region sent with it.
-- A keyed hash of region and number ('' = not said): registers often number a household by its head's ID number, and no such text may be here.
-- Replay: the column is added once; rows stored before it read ''.
ALTER TABLE workers_observations_v1 ADD COLUMN IF NOT EXISTS household String DEFAULT ''
