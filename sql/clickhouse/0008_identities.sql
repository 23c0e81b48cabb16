-- identities_v1: who the persons of workers_observations_v1 are, sealed: nothing here can be read without the SECRET.
-- Grain: person (personKey) × whether the observation carried a phone. Two rows, so that one without a phone does not
-- erase the phone known before: number and name are the newer row's, the phone is that of the row that has one.
-- sealed: AES-256-GCM of number, name and phone under the key numbered keyVersion; phoneKey: keyed hash of the phone, '' = none.
-- Replay: a row written again, or sealed again under a newer key, replaces itself by version: latest observation, then latest
-- receipt (ordinal: within a commit), then newest key. Written before the observations of its commit, so a row without observations may remain: harmless.
-- Read: FINAL by personKey; by phoneKey through the bloom filter without FINAL, then by personKey to see what holds now.
CREATE TABLE IF NOT EXISTS identities_v1 (
  personKey String,
  hasPhone Bool,
  sealed String CODEC(NONE),
  keyVersion UInt16,
  phoneKey String,
  observedAt DateTime64(3, 'UTC'),
  receivedAt DateTime64(6, 'UTC'),
  ordinal UInt32,
  source LowCardinality(String),
  version UInt256 MATERIALIZED bitShiftLeft(toUInt256(toUnixTimestamp64Milli(observedAt)), 128)
    + bitShiftLeft(toUInt256(toUnixTimestamp64Micro(receivedAt)), 64) + bitShiftLeft(toUInt256(ordinal), 16) + keyVersion,
  INDEX phone phoneKey TYPE bloom_filter(0.01) GRANULARITY 1
) ENGINE = ReplacingMergeTree(version) ORDER BY (personKey, hasPhone)
-- An erased or superseded row leaves the disk this many seconds after the part without it was written.
SETTINGS old_parts_lifetime = 60
