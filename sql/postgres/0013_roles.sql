-- What people may do. A role is a set of rights (their closed list: api/domain/right.ts); a built-in one can be changed.
CREATE TABLE roles (
  id text PRIMARY KEY, title jsonb NOT NULL, rights text[] NOT NULL, "needsSecondFactor" boolean NOT NULL DEFAULT false,
  "isBuiltIn" boolean NOT NULL DEFAULT false
)
;
-- An auditor reads what was done and who may do what, and nothing else. A reporter reports for the units bound to them; who
-- looks after sources sends in their name instead.
INSERT INTO roles (id, title, rights, "isBuiltIn") VALUES
  ('leader', '{"zh": "领导", "en": "Leader"}', '{figures.read,figures.export,alerts.read,units.read}', true),
  ('analyst', '{"zh": "分析员", "en": "Analyst"}',
   '{figures.read,figures.export,households.read,alerts.read,units.read,sources.read}', true),
  ('onCall', '{"zh": "值班员", "en": "On call"}',
   '{figures.read,individuals.read,alerts.read,alerts.act,units.read,sources.read}', true),
  ('reporter', '{"zh": "填报员", "en": "Reporter"}', '{reports.send}', true),
  ('handler', '{"zh": "部门经办", "en": "Department handler"}',
   '{figures.read,individuals.read,alerts.read,alerts.act,units.read,identity.read}', true),
  ('administrator', '{"zh": "管理员", "en": "Administrator"}',
   '{figures.read,figures.export,individuals.read,households.read,alerts.read,alerts.act,rules.manage,units.read,units.manage,sources.read,sources.manage,batches.send,batches.withdraw,quarantine.manage,intake.manage,identity.read,identity.erase,identity.rotate,audit.read,audit.export,people.read,people.manage,roles.manage,walls.manage}',
   true),
  ('auditor', '{"zh": "审计员", "en": "Auditor"}', '{audit.read,audit.export,people.read}', true)
;
-- A role a person has: for regions with all that lies in them ({} = everywhere), seen by home, by work or both, for sectors
-- ({} = all), from "startsAt" until before "endsAt" (null = until further notice). Rights follow from posts alone.
CREATE TABLE posts (
  id text PRIMARY KEY, "personId" text NOT NULL REFERENCES "user"(id) ON DELETE CASCADE, role text NOT NULL REFERENCES roles(id),
  regions text[] NOT NULL DEFAULT '{}', side text NOT NULL DEFAULT 'both' CHECK (side IN ('home', 'work', 'both')),
  sectors text[] NOT NULL DEFAULT '{}', "startsAt" timestamptz NOT NULL DEFAULT now(), "endsAt" timestamptz
)
;
CREATE INDEX posts_by_person ON posts ("personId")
;
-- Who was there before keeps what the one role meant.
INSERT INTO posts (id, "personId", role, "startsAt")
SELECT 'post_' || id, id, role, "createdAt" FROM "user" WHERE role IN (SELECT id FROM roles)
