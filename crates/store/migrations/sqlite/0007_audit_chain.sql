-- Each entry of the audit carries a keyed hash of itself and of the entry before it. Entries from before this migration
-- have none. `audit_head` is the end of the chain and its beginning: the chain goes on from `chained_hash` after the
-- entry `chained_after`, and entries up to `removed_to` were removed because they were old. Its `mac` is empty until
-- the first entry of the chain is written.

ALTER TABLE audit ADD COLUMN via TEXT;
ALTER TABLE audit ADD COLUMN came_from TEXT;
ALTER TABLE audit ADD COLUMN object_kind TEXT;
ALTER TABLE audit ADD COLUMN account_id TEXT;
ALTER TABLE audit ADD COLUMN request_id TEXT;
ALTER TABLE audit ADD COLUMN hash BLOB;

CREATE INDEX audit_by_account ON audit (account_id, seq);
CREATE INDEX audit_by_object ON audit (object, seq);

CREATE TABLE audit_head (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    seq INTEGER NOT NULL,
    hash BLOB NOT NULL,
    chained_after INTEGER NOT NULL,
    chained_hash BLOB NOT NULL,
    removed_to INTEGER NOT NULL,
    mac BLOB NOT NULL
) STRICT;

INSERT INTO audit_head (id, seq, hash, chained_after, chained_hash, removed_to, mac)
    SELECT 1, audits, zeroblob(32), audits, zeroblob(32), 0, x'' FROM change_counter WHERE id = 1;

CREATE TRIGGER audit_keeps_entries BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'entries of the audit are never changed'); END;

-- An insertion that replaces removes a row without asking the trigger for removals.
CREATE TRIGGER audit_replaces_nothing BEFORE INSERT ON audit
    WHEN EXISTS (SELECT 1 FROM audit WHERE seq = NEW.seq)
    BEGIN SELECT RAISE(ABORT, 'entries of the audit are never replaced'); END;

CREATE TRIGGER audit_removes_old_entries_only BEFORE DELETE ON audit
    WHEN OLD.seq > (SELECT removed_to FROM audit_head WHERE id = 1)
    BEGIN SELECT RAISE(ABORT, 'entries of the audit are removed by retention only'); END;
