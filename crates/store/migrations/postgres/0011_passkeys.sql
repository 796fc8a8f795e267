-- Passkeys (WebAuthn). `credential` is JSON: the public key, and how often the authenticator says that it was used.
CREATE TABLE passkey (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    user_id TEXT COLLATE "C" NOT NULL,
    credential_id BYTEA NOT NULL UNIQUE,
    credential TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT
);

CREATE INDEX passkey_by_user ON passkey (user_id, id);

-- What was answered already: a challenge works once, on whatever node. It is kept until it is too old anyway.
CREATE TABLE passkey_challenge_used (
    challenge BYTEA NOT NULL PRIMARY KEY,
    used_at BIGINT NOT NULL
);

CREATE INDEX passkey_challenge_used_by_age ON passkey_challenge_used (used_at);
