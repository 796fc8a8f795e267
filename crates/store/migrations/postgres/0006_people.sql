-- People. Case does not tell user names or e-mail addresses apart. `memberships` is a JSON array of accounts and roles.
CREATE TABLE app_user (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    username TEXT COLLATE "C" NOT NULL,
    email TEXT COLLATE "C",
    name TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    standing TEXT COLLATE "C" NOT NULL,
    memberships TEXT COLLATE "C" NOT NULL,
    password_hash TEXT COLLATE "C",
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    last_sign_in_at BIGINT,
    change_number BIGINT NOT NULL
);

CREATE UNIQUE INDEX app_user_username ON app_user (lower(username));
CREATE UNIQUE INDEX app_user_email ON app_user (lower(email));

-- The accounts' own roles. `rights` is a JSON array, `access` JSON.
CREATE TABLE role (
    account_id TEXT COLLATE "C" NOT NULL,
    slug TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    rights TEXT COLLATE "C" NOT NULL,
    access TEXT COLLATE "C" NOT NULL,
    change_number BIGINT NOT NULL,
    PRIMARY KEY (account_id, slug)
);

-- Whose a credential is within its account.
ALTER TABLE credential ADD COLUMN user_id TEXT COLLATE "C";
CREATE INDEX credential_by_user ON credential (user_id, id) WHERE user_id IS NOT NULL;

-- The shared secret of one-time codes (RFC 6238), sealed and bound to its row, and the last step of which a code was used.
CREATE TABLE factor_totp (
    user_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    sealed BYTEA NOT NULL,
    confirmed_at BIGINT,
    last_step BIGINT NOT NULL
);

CREATE TABLE recovery_code (
    user_id TEXT COLLATE "C" NOT NULL,
    digest BYTEA NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (user_id, digest)
);

-- What failed sign-ins are counted by: a user, an address, or both together.
CREATE TABLE sign_in_attempt (
    key TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    failures BIGINT NOT NULL,
    last_failed_at BIGINT NOT NULL,
    blocked_until BIGINT NOT NULL,
    succeeded_at BIGINT
);
