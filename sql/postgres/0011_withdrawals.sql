-- Who withdrew which batch and why. Written before the engine is told, so that a withdrawal that broke off has its reason;
-- "withdrawnAt" is null until everything is counted anew. A repeat keeps the first reason.
CREATE TABLE withdrawals (
  batch text PRIMARY KEY REFERENCES batches(id) ON DELETE CASCADE, reason text NOT NULL, "by" text NOT NULL,
  "askedAt" timestamptz NOT NULL DEFAULT now(), "withdrawnAt" timestamptz, histories integer
)
