-- Whether an account asks its people for a second factor: `optional` or `required`.
ALTER TABLE account ADD COLUMN second_factor TEXT NOT NULL DEFAULT 'optional';
