-- Each entry of the audit carries a keyed hash of itself and of the entry before it. Entries from before this migration
-- have none. `audit_head` is the end of the chain and its beginning: the chain goes on from `chained_hash` after the
-- entry `chained_after`, and entries up to `removed_to` were removed because they were old. Its `mac` is empty until
-- the first entry of the chain is written.

ALTER TABLE audit ADD COLUMN via TEXT;
ALTER TABLE audit ADD COLUMN came_from TEXT;
ALTER TABLE audit ADD COLUMN object_kind TEXT;
ALTER TABLE audit ADD COLUMN account_id TEXT COLLATE "C";
ALTER TABLE audit ADD COLUMN request_id TEXT;
ALTER TABLE audit ADD COLUMN hash BYTEA;

CREATE INDEX audit_by_account ON audit (account_id, seq);
CREATE INDEX audit_by_object ON audit (object, seq);

CREATE TABLE audit_head (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    seq BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    chained_after BIGINT NOT NULL,
    chained_hash BYTEA NOT NULL,
    removed_to BIGINT NOT NULL,
    mac BYTEA NOT NULL
);

INSERT INTO audit_head (id, seq, hash, chained_after, chained_hash, removed_to, mac)
    SELECT 1, audits, decode(repeat('00', 32), 'hex'), audits, decode(repeat('00', 32), 'hex'), 0, ''
    FROM change_counter WHERE id = 1;

CREATE FUNCTION claviger_audit_refuses() RETURNS TRIGGER LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'entries of the audit are never changed'; END $$;

CREATE FUNCTION claviger_audit_removes() RETURNS TRIGGER LANGUAGE plpgsql
    AS $$ BEGIN
        IF OLD.seq > (SELECT removed_to FROM audit_head WHERE id = 1) THEN
            RAISE EXCEPTION 'entries of the audit are removed by retention only';
        END IF;
        RETURN OLD;
    END $$;

CREATE TRIGGER audit_keeps_entries BEFORE UPDATE ON audit
    FOR EACH ROW EXECUTE FUNCTION claviger_audit_refuses();

CREATE TRIGGER audit_keeps_all_entries BEFORE TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION claviger_audit_refuses();

CREATE TRIGGER audit_removes_old_entries_only BEFORE DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION claviger_audit_removes();
