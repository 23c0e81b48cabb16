-- …_observations_v1.saidAt: when the sender first told the observation; differs from receivedAt where a row that was rejected
-- at first is replayed later. Of two of one subject at one instant the one said later holds, so a replay does not displace
-- what was told since. knownAt of what it changes is its receipt all the same.
-- identities_v1.saidAt: the same, for who the person is; the version of a row that was there before stays what it was.
-- Replay: the columns are added once; rows stored before were said when they were received.
ALTER TABLE workers_observations_v1 ADD COLUMN IF NOT EXISTS saidAt DateTime64(6, 'UTC') DEFAULT receivedAt
;
ALTER TABLE arrears_observations_v1 ADD COLUMN IF NOT EXISTS saidAt DateTime64(6, 'UTC') DEFAULT receivedAt
;
ALTER TABLE industry_observations_v1 ADD COLUMN IF NOT EXISTS saidAt DateTime64(6, 'UTC') DEFAULT receivedAt
;
ALTER TABLE identities_v1 ADD COLUMN IF NOT EXISTS saidAt DateTime64(6, 'UTC') DEFAULT receivedAt
;
ALTER TABLE identities_v1 MODIFY COLUMN version UInt256 MATERIALIZED
  bitShiftLeft(toUInt256(toUnixTimestamp64Milli(observedAt)), 128)
    + bitShiftLeft(toUInt256(toUnixTimestamp64Micro(saidAt)), 64) + bitShiftLeft(toUInt256(ordinal), 16) + keyVersion
