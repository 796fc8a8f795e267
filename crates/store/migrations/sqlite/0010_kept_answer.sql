-- What was done for requests that named an `Idempotency-Key`: written with what they changed. `request` is a digest of the
-- request, `sealed` the answer. Without an answer it is a request that is under way.
CREATE TABLE kept_answer (
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    request BLOB NOT NULL,
    asked_at INTEGER NOT NULL,
    sealed BLOB,
    PRIMARY KEY (scope, key)
) STRICT;

CREATE INDEX kept_answer_by_time ON kept_answer (asked_at);
