-- Keys of sources, several at a time so that one can take over from another. A key itself is never kept, only its SHA-256 and
-- its first characters, by which people recognise it ('' for those made before they were kept). kinds and region narrow what
-- the source may send (null: nothing narrower), "allowedAddresses" are CIDR blocks (none: from anywhere), "rowsPerMinute" null
-- is no limit. "replacedBy" is the key that took over; "lastUsedAt" is written at most once a minute.
CREATE TABLE source_keys (
  id text PRIMARY KEY, source text NOT NULL REFERENCES sources(id) ON DELETE CASCADE,
  "keyHash" text NOT NULL UNIQUE, prefix text NOT NULL, kinds text[], region text,
  "allowedAddresses" text[] NOT NULL DEFAULT '{}', "rowsPerMinute" integer CHECK ("rowsPerMinute" > 0),
  "createdAt" timestamptz NOT NULL DEFAULT now(), "createdBy" text NOT NULL,
  "expiresAt" timestamptz, "replacedBy" text, "revokedAt" timestamptz, "revokedBy" text, "lastUsedAt" timestamptz
)
;
CREATE INDEX source_keys_source ON source_keys (source)
;
INSERT INTO source_keys (id, source, "keyHash", prefix, "createdAt", "createdBy")
SELECT 'key_' || substr("keyHash", 1, 16), id, "keyHash", '', "createdAt", '' FROM sources
;
ALTER TABLE sources DROP COLUMN "keyHash"
;
-- The key a batch was sent with; null where a session or an older release sent it.
ALTER TABLE batches ADD COLUMN "keyId" text
