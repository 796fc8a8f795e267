-- People of OpenID Connect providers. A user is known by the provider, its issuer and the subject that it names;
-- `account_id` is the account that the provider's claims last gave them a place in.
CREATE TABLE sso_identity (
    provider TEXT NOT NULL,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    user_id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    linked_at INTEGER NOT NULL,
    PRIMARY KEY (provider, issuer, subject)
) STRICT;

CREATE INDEX sso_identity_by_user ON sso_identity (user_id);

-- Sign-ins that a provider answered, until they would be too old anyway: each of them works once.
CREATE TABLE sso_answered (
    id TEXT NOT NULL PRIMARY KEY,
    ends_at INTEGER NOT NULL
) STRICT;

CREATE INDEX sso_answered_by_end ON sso_answered (ends_at);

-- Whether the provider that signed a session's user in vouched for a second factor: 1 or 0.
ALTER TABLE credential ADD COLUMN vouched_factor INTEGER NOT NULL DEFAULT 0;
