-- Invitations that nobody accepted or withdrew yet. `roles` is a JSON array of slugs. Of the secret, only the digest is here.
CREATE TABLE invitation (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    account_id TEXT COLLATE "C" NOT NULL,
    digest BYTEA NOT NULL,
    email TEXT COLLATE "C" NOT NULL,
    roles TEXT COLLATE "C" NOT NULL,
    invited_by TEXT COLLATE "C",
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE UNIQUE INDEX invitation_digest ON invitation (digest);
CREATE INDEX invitation_by_account ON invitation (account_id, id);
CREATE INDEX invitation_by_end ON invitation (expires_at);

-- The link by which the first operator sets themselves up: one at the most, the one that was printed last.
CREATE TABLE setup_link (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    digest BYTEA NOT NULL,
    expires_at BIGINT NOT NULL
);

-- Lists of an account's keys by label and by when they end.
CREATE INDEX credential_by_label ON credential (account_id, COALESCE(label, ''), id);
CREATE INDEX credential_by_end ON credential (account_id, COALESCE(expires_at, 9223372036854775807), id);
