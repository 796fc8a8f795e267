-- Invitations that nobody accepted or withdrew yet. `roles` is a JSON array of slugs. Of the secret, only the digest is here.
CREATE TABLE invitation (
    id TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL,
    digest BLOB NOT NULL,
    email TEXT NOT NULL,
    roles TEXT NOT NULL,
    invited_by TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX invitation_digest ON invitation (digest);
CREATE INDEX invitation_by_account ON invitation (account_id, id);
CREATE INDEX invitation_by_end ON invitation (expires_at);

-- The link by which the first operator sets themselves up: one at the most, the one that was printed last.
CREATE TABLE setup_link (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    digest BLOB NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

-- Lists of an account's keys by label and by when they end.
CREATE INDEX credential_by_label ON credential (account_id, COALESCE(label, ''), id);
CREATE INDEX credential_by_end ON credential (account_id, COALESCE(expires_at, 9223372036854775807), id);
