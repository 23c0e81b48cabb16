-- The units of the network: offices, parks, associations, departments, stations. One row a unit; details holds what only
-- its kind has. What a unit owes and when is its source's ("dueEvery", "graceHours"); "dueDays" says how soon after a
-- period its report is due (null: by the end of the next). A retired unit stays, with its history.
CREATE TABLE units (
  id text PRIMARY KEY, kind text NOT NULL, rank text NOT NULL, name text NOT NULL, region text NOT NULL,
  address text, longitude double precision, latitude double precision, "contactName" text, "contactPhone" text,
  "sourceId" text UNIQUE, "pointId" text UNIQUE, sector text, "dueDays" integer, details jsonb NOT NULL DEFAULT '{}',
  "createdAt" timestamptz NOT NULL DEFAULT now(), "updatedAt" timestamptz NOT NULL DEFAULT now(), "retiredAt" timestamptz
)
;
-- Who reports for which unit.
CREATE TABLE unit_reporters (
  "userId" text NOT NULL REFERENCES "user"(id) ON DELETE CASCADE, "unitId" text NOT NULL REFERENCES units(id),
  PRIMARY KEY ("userId", "unitId")
)
;
-- Who is on duty at a unit's desk, from "firstDay" to "lastDay", both included, by the calendar of Asia/Shanghai.
CREATE TABLE duty_entries (
  "unitId" text NOT NULL REFERENCES units(id), "firstDay" date NOT NULL, "lastDay" date NOT NULL, name text NOT NULL, phone text,
  PRIMARY KEY ("unitId", "firstDay", name), CHECK ("firstDay" <= "lastDay")
)
