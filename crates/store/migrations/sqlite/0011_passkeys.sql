-- Passkeys (WebAuthn). `credential` is JSON: the public key, and how often the authenticator says that it was used.
CREATE TABLE passkey (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL,
    credential_id BLOB NOT NULL UNIQUE,
    credential TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER
) STRICT;

CREATE INDEX passkey_by_user ON passkey (user_id, id);

-- What was answered already: a challenge works once, on whatever node. It is kept until it is too old anyway.
CREATE TABLE passkey_challenge_used (
    challenge BLOB NOT NULL PRIMARY KEY,
    used_at INTEGER NOT NULL
) STRICT;

CREATE INDEX passkey_challenge_used_by_age ON passkey_challenge_used (used_at);
