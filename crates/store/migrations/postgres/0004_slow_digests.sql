-- Of a password that was made elsewhere and of which nothing else is known, its slow digest until the first use. What the
-- credential was found by until then stays, so that a second import of the same file finds it.
CREATE TABLE slow_digest (
    credential_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    found_by BYTEA NOT NULL UNIQUE,
    digest TEXT COLLATE "C"
);
