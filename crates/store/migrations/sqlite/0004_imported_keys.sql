-- Where a key was made, if not here; and of a password of which nothing else is known, its slow digest until the first
-- use. What it is found by stays, so that a second import of the same file finds it.
CREATE TABLE imported_key (
    credential_id TEXT NOT NULL PRIMARY KEY,
    origin TEXT NOT NULL,
    found_by BLOB UNIQUE,
    slow_digest TEXT
) STRICT;
