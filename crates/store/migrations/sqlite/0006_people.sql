-- People. Case does not tell user names or e-mail addresses apart. `memberships` is a JSON array of accounts and roles.
CREATE TABLE app_user (
    id TEXT NOT NULL PRIMARY KEY,
    username TEXT NOT NULL,
    email TEXT,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    standing TEXT NOT NULL,
    memberships TEXT NOT NULL,
    password_hash TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    last_sign_in_at INTEGER,
    change_number INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX app_user_username ON app_user (lower(username));
CREATE UNIQUE INDEX app_user_email ON app_user (lower(email));

-- The accounts' own roles. `rights` is a JSON array, `access` JSON.
CREATE TABLE role (
    account_id TEXT NOT NULL,
    slug TEXT NOT NULL,
    name TEXT NOT NULL,
    rights TEXT NOT NULL,
    access TEXT NOT NULL,
    change_number INTEGER NOT NULL,
    PRIMARY KEY (account_id, slug)
) STRICT;

-- Whose a credential is within its account.
ALTER TABLE credential ADD COLUMN user_id TEXT;
CREATE INDEX credential_by_user ON credential (user_id, id) WHERE user_id IS NOT NULL;

-- The shared secret of one-time codes (RFC 6238), sealed and bound to its row, and the last step of which a code was used.
CREATE TABLE factor_totp (
    user_id TEXT NOT NULL PRIMARY KEY,
    sealed BLOB NOT NULL,
    confirmed_at INTEGER,
    last_step INTEGER NOT NULL
) STRICT;

CREATE TABLE recovery_code (
    user_id TEXT NOT NULL,
    digest BLOB NOT NULL,
    used_at INTEGER,
    PRIMARY KEY (user_id, digest)
) STRICT;

-- What failed sign-ins are counted by: a user, an address, or both together.
CREATE TABLE sign_in_attempt (
    key TEXT NOT NULL PRIMARY KEY,
    failures INTEGER NOT NULL,
    last_failed_at INTEGER NOT NULL,
    blocked_until INTEGER NOT NULL,
    succeeded_at INTEGER
) STRICT;
