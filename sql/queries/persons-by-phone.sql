-- persons-by-phone: who has, or had until the table's next merge, a phone: look at their records for what holds now.
SELECT DISTINCT personKey FROM identities_v1 WHERE phoneKey = {phoneKey:String} ORDER BY personKey LIMIT 100
