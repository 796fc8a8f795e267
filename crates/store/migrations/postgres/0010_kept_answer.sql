-- What was done for requests that named an `Idempotency-Key`: written with what they changed. `request` is a digest of the
-- request, `sealed` the answer. Without an answer it is a request that is under way.
CREATE TABLE kept_answer (
    scope TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    request BYTEA NOT NULL,
    asked_at BIGINT NOT NULL,
    sealed BYTEA,
    PRIMARY KEY (scope, key)
);

CREATE INDEX kept_answer_by_time ON kept_answer (asked_at);
