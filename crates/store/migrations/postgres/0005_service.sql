-- Services that may ask whether credentials are good. `apis` is a JSON array of the ids of the APIs they may ask about.

CREATE TABLE service (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    digest BYTEA NOT NULL UNIQUE,
    apis TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    change_number BIGINT NOT NULL
);
