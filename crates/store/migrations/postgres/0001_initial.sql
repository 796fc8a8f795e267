-- Times are microseconds since 1970-01-01T00:00:00Z; ids sort by age, byte by byte: hence the collation.
-- Credentials outlive their account and their API, so that their holders can be told; hence no foreign keys to those.

-- SQLite has it built in.
CREATE FUNCTION hex(value BYTEA) RETURNS TEXT LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT upper(encode(value, 'hex')) $$;

CREATE TABLE account (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    number TEXT COLLATE "C" NOT NULL UNIQUE,
    realm TEXT COLLATE "C" NOT NULL UNIQUE,
    name TEXT NOT NULL,
    change_number BIGINT NOT NULL
);

CREATE TABLE api (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    slug TEXT COLLATE "C" NOT NULL UNIQUE,
    definition TEXT NOT NULL,
    change_number BIGINT NOT NULL
);

CREATE TABLE api_document (
    api_id TEXT COLLATE "C" NOT NULL REFERENCES api (id) ON DELETE CASCADE,
    version TEXT COLLATE "C" NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (api_id, version)
);

CREATE TABLE credential (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    digest BYTEA NOT NULL UNIQUE,
    account_id TEXT COLLATE "C" NOT NULL,
    environment_id TEXT COLLATE "C" NOT NULL,
    key_type TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    allowlist TEXT NOT NULL,
    permissions TEXT NOT NULL,
    not_before BIGINT,
    expires_at BIGINT,
    change_number BIGINT NOT NULL,
    api_id TEXT COLLATE "C" NOT NULL,
    label TEXT COLLATE "C",
    hint TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    revoked_at BIGINT,
    revoked_reason TEXT,
    sealed BYTEA
);

CREATE INDEX credential_by_account ON credential (account_id, id);
CREATE INDEX credential_by_api ON credential (api_id, id);

CREATE TABLE credential_use (
    credential_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    version TEXT COLLATE "C" NOT NULL,
    used_at BIGINT NOT NULL,
    other_version TEXT COLLATE "C",
    other_used_at BIGINT
);

CREATE TABLE audit (
    seq BIGINT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    reason TEXT,
    object_before TEXT,
    object_after TEXT
);

CREATE TABLE change_counter (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    changes BIGINT NOT NULL,
    audits BIGINT NOT NULL
);

INSERT INTO change_counter (id, changes, audits) VALUES (1, 0, 0);

CREATE TABLE change_log (
    number BIGINT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    body TEXT NOT NULL
);

-- A trigger, so that the statement that appends to the log is the same text on both engines.
CREATE FUNCTION claviger_notify_change() RETURNS TRIGGER LANGUAGE plpgsql
    AS $$ BEGIN NOTIFY claviger_change; RETURN NULL; END $$;

CREATE TRIGGER change_log_appended AFTER INSERT ON change_log
    FOR EACH STATEMENT EXECUTE FUNCTION claviger_notify_change();

CREATE TABLE refusal (
    request_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    body TEXT NOT NULL
);

CREATE INDEX refusal_by_time ON refusal (at, request_id);

CREATE TABLE wrapped_key (
    purpose TEXT COLLATE "C" NOT NULL,
    generation BIGINT NOT NULL,
    wrapped BYTEA NOT NULL,
    PRIMARY KEY (purpose, generation)
);
