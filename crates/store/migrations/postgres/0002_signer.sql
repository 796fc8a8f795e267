-- What key pairs sign with. The secret is sealed and bound to its row: without the master key it is worth nothing.
CREATE TABLE signer (
    credential_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    algorithm TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    debug_until BIGINT,
    change_number BIGINT NOT NULL
);
