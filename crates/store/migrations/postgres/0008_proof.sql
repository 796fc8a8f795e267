-- When whoever has a login token or a session last proved again who they are; absent, if not since they signed in.
ALTER TABLE credential ADD COLUMN proved_at BIGINT;
