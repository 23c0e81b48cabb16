-- Screens that were let in. Each holds a token of its own, of which only the SHA-256 is kept (null until the screen fetches it);
-- it may see the figures and alerts of its region ('' = everywhere) by its side, on its board, until it is revoked.
CREATE TABLE walls (
  id text PRIMARY KEY, name text NOT NULL, board text NOT NULL CHECK (board IN ('province')),
  region text NOT NULL, side text NOT NULL CHECK (side IN ('home', 'work', 'both')), "tokenHash" text UNIQUE,
  "pairedAt" timestamptz NOT NULL DEFAULT now(), "pairedBy" text NOT NULL,
  "seenAt" timestamptz, address text NOT NULL DEFAULT '', version text NOT NULL DEFAULT '',
  "revokedAt" timestamptz, "revokedBy" text
)
;
-- Codes that screens show now, one a screen: it holds a secret (its SHA-256 here) by which it fetches what the code was given to.
CREATE TABLE wall_pairings (
  "secretHash" text PRIMARY KEY, code text NOT NULL UNIQUE, address text NOT NULL,
  "createdAt" timestamptz NOT NULL DEFAULT now(), "expiresAt" timestamptz NOT NULL,
  wall text REFERENCES walls(id) ON DELETE CASCADE
)
