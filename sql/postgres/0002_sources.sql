-- Who sends signals. The key itself is never kept, only its SHA-256. A source with dueEvery null is never due.
CREATE TABLE sources (
  id text PRIMARY KEY,
  name text NOT NULL,
  kinds text[] NOT NULL,
  region text NOT NULL,
  "keyHash" text NOT NULL UNIQUE,
  "isSynthetic" boolean NOT NULL DEFAULT false,
  "dueEvery" text CHECK ("dueEvery" IN ('day', 'month')),
  "graceHours" integer NOT NULL DEFAULT 24,
  "createdAt" timestamptz NOT NULL DEFAULT now()
)
