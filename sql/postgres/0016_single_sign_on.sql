-- The name by which the identity provider knows a person ("preferred_username"), as an administrator allowed it; null when
-- none may sign in that way. It counts for the first use only: from then on the provider's subject in "account" does.
ALTER TABLE "user" ADD COLUMN "singleSignOnName" text UNIQUE
;
CREATE UNIQUE INDEX accounts_by_subject ON "account" ("providerId", "accountId")
