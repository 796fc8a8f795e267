-- Services that may ask whether credentials are good. `apis` is a JSON array of the ids of the APIs they may ask about.

CREATE TABLE service (
    name TEXT NOT NULL PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,
    apis TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    change_number INTEGER NOT NULL
) STRICT;
