-- Owners, tags and the text to search have one entry a line, with a line break before the first and after the last, so
-- that both engines find a whole entry by the same text.
ALTER TABLE credential ADD COLUMN origin TEXT NOT NULL DEFAULT 'own';
ALTER TABLE credential ADD COLUMN successor TEXT;
ALTER TABLE credential ADD COLUMN predecessor TEXT;
ALTER TABLE credential ADD COLUMN rotation_started_at INTEGER;
ALTER TABLE credential ADD COLUMN rotation_ends_at INTEGER;
ALTER TABLE credential ADD COLUMN rotation_expiry_before INTEGER;
ALTER TABLE credential ADD COLUMN late_uses INTEGER NOT NULL DEFAULT 0;
ALTER TABLE credential ADD COLUMN memo TEXT;
ALTER TABLE credential ADD COLUMN owners TEXT NOT NULL DEFAULT '';
ALTER TABLE credential ADD COLUMN tags TEXT NOT NULL DEFAULT '';
ALTER TABLE credential ADD COLUMN search TEXT NOT NULL DEFAULT '';

-- Right for the letters A to Z; a later change of the credential makes it right for all.
UPDATE credential SET search = char(10) || id || char(10) || lower(hint) || char(10)
    || CASE WHEN label IS NULL THEN '' ELSE lower(label) || char(10) END;
