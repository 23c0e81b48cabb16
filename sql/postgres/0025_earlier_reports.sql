-- How a unit kept its reports before it came here, as the system before had them: a period that was due, and when its report
-- was received ("receivedAt" null: never). The unit owes since the first of them. What comes here for the same period counts
-- too; whichever was first tells whether it was on time.
CREATE TABLE earlier_reports (
  "unitId" text NOT NULL REFERENCES units(id), period text NOT NULL, "receivedAt" timestamptz, PRIMARY KEY ("unitId", period)
)
