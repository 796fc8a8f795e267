-- Owners, tags and the text to search have one entry a line, with a line break before the first and after the last, so
-- that both engines find a whole entry by the same text.
ALTER TABLE credential ADD COLUMN origin TEXT COLLATE "C" NOT NULL DEFAULT 'own';
ALTER TABLE credential ADD COLUMN successor TEXT COLLATE "C";
ALTER TABLE credential ADD COLUMN predecessor TEXT COLLATE "C";
ALTER TABLE credential ADD COLUMN rotation_started_at BIGINT;
ALTER TABLE credential ADD COLUMN rotation_ends_at BIGINT;
ALTER TABLE credential ADD COLUMN rotation_expiry_before BIGINT;
ALTER TABLE credential ADD COLUMN late_uses BIGINT NOT NULL DEFAULT 0;
ALTER TABLE credential ADD COLUMN memo TEXT COLLATE "C";
ALTER TABLE credential ADD COLUMN owners TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE credential ADD COLUMN tags TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE credential ADD COLUMN search TEXT COLLATE "C" NOT NULL DEFAULT '';

-- Right for the letters A to Z; a later change of the credential makes it right for all.
UPDATE credential SET search = chr(10) || id || chr(10) || lower(hint) || chr(10)
    || CASE WHEN label IS NULL THEN '' ELSE lower(label) || chr(10) END;
