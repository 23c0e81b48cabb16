-- persons-by-phone: who has, or had until the table's next merge, a phone: look at their records for what holds now.
-- The phone of a contractor stands for hundreds of workers: who may see few of them must find those, so the cut lies far beyond.
SELECT DISTINCT personKey FROM identities_v1 WHERE phoneKey = {phoneKey:String} ORDER BY personKey LIMIT 10000
