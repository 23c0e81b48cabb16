-- What signing in needs beyond a password. "disabledAt": since when a person may not come in; null for who may.
-- "lastUsedAt" of a session: its last request made by a person (to the minute), for the idle time-out.
-- "isSingleSignOn": begun by the identity provider, which then answers for the second factor.
ALTER TABLE "user" ADD COLUMN "twoFactorEnabled" boolean NOT NULL DEFAULT false, ADD COLUMN "disabledAt" timestamptz
;
ALTER TABLE "session" ADD COLUMN "lastUsedAt" timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN "isSingleSignOn" boolean NOT NULL DEFAULT false
;
-- The second factor of a person, in the shape better-auth keeps it: secret and recovery codes are sealed by it.
-- "usedCodes" is ours: the last codes that were used, which cannot be used again.
CREATE TABLE "twoFactor" (
  id text PRIMARY KEY, "userId" text NOT NULL UNIQUE REFERENCES "user"(id) ON DELETE CASCADE, secret text NOT NULL,
  "backupCodes" text NOT NULL, verified boolean NOT NULL DEFAULT false, "failedVerificationCount" integer NOT NULL DEFAULT 0,
  "lockedUntil" timestamptz, "usedCodes" text[] NOT NULL DEFAULT '{}'
)
;
-- Failed attempts in a row for a user name, whether or not there is such a person, so that the answer does not tell.
-- Only a keyed hash of the name: it may be a password typed into the wrong field.
CREATE TABLE sign_in_attempts (
  "nameHash" text PRIMARY KEY, failures integer NOT NULL, "lockedUntil" timestamptz, "lastAt" timestamptz NOT NULL
)
;
-- The one link by which a person may set a password: made by an administrator, used once, gone after "expiresAt".
CREATE TABLE password_links (
  "userId" text PRIMARY KEY REFERENCES "user"(id) ON DELETE CASCADE, "tokenHash" text NOT NULL UNIQUE,
  "expiresAt" timestamptz NOT NULL
)
