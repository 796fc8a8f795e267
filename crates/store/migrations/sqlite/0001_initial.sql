-- Times are microseconds since 1970-01-01T00:00:00Z; ids sort by age.
-- Credentials outlive their account and their API, so that their holders can be told; hence no foreign keys to those.

CREATE TABLE account (
    id TEXT NOT NULL PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    realm TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    change_number INTEGER NOT NULL
) STRICT;

CREATE TABLE api (
    id TEXT NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    definition TEXT NOT NULL,
    change_number INTEGER NOT NULL
) STRICT;

CREATE TABLE api_document (
    api_id TEXT NOT NULL REFERENCES api (id) ON DELETE CASCADE,
    version TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (api_id, version)
) STRICT;

-- What a node loads at its start stands first: SQLite reads a row only as far as it must.
CREATE TABLE credential (
    id TEXT NOT NULL PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,
    account_id TEXT NOT NULL,
    environment_id TEXT NOT NULL,
    key_type TEXT NOT NULL,
    state TEXT NOT NULL,
    allowlist TEXT NOT NULL,
    permissions TEXT NOT NULL,
    not_before INTEGER,
    expires_at INTEGER,
    change_number INTEGER NOT NULL,
    api_id TEXT NOT NULL,
    label TEXT,
    hint TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    revoked_at INTEGER,
    revoked_reason TEXT,
    sealed BLOB
) STRICT;

CREATE INDEX credential_by_account ON credential (account_id, id);
CREATE INDEX credential_by_api ON credential (api_id, id);

CREATE TABLE credential_use (
    credential_id TEXT NOT NULL PRIMARY KEY,
    version TEXT NOT NULL,
    used_at INTEGER NOT NULL,
    other_version TEXT,
    other_used_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
    seq INTEGER NOT NULL PRIMARY KEY,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    reason TEXT,
    object_before TEXT,
    object_after TEXT
) STRICT;

CREATE TABLE change_counter (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    changes INTEGER NOT NULL,
    audits INTEGER NOT NULL
) STRICT;

INSERT INTO change_counter (id, changes, audits) VALUES (1, 0, 0);

CREATE TABLE change_log (
    number INTEGER NOT NULL PRIMARY KEY,
    at INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;

CREATE TABLE refusal (
    request_id TEXT NOT NULL PRIMARY KEY,
    at INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;

CREATE INDEX refusal_by_time ON refusal (at, request_id);

CREATE TABLE wrapped_key (
    purpose TEXT NOT NULL,
    generation INTEGER NOT NULL,
    wrapped BLOB NOT NULL,
    PRIMARY KEY (purpose, generation)
) STRICT;
