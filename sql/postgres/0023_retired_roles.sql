-- Since when a role is given to nobody any more; null while it is. It stays with the posts that people had of it, whose rights
-- it still tells: their ends are set when it is retired.
ALTER TABLE roles ADD COLUMN "retiredAt" timestamptz
