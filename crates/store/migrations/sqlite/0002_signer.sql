-- What key pairs sign with. The secret is sealed and bound to its row: without the master key it is worth nothing.
CREATE TABLE signer (
    credential_id TEXT NOT NULL PRIMARY KEY,
    algorithm TEXT NOT NULL,
    sealed BLOB NOT NULL,
    debug_until INTEGER,
    change_number INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
