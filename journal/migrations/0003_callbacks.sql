-- One row a callback that was handled lately, or is being handled. Times are milliseconds since
-- 1970-01-01T00:00:00Z. Nothing in it says what a callback said.
CREATE TABLE konaplate_callbacks (
    -- A keyed hash of what it says, in hex digits.
    fingerprint    TEXT PRIMARY KEY NOT NULL,
    correlation_id TEXT NOT NULL,
    came_at        BIGINT NOT NULL,
    -- Who is handling it, and until when nobody else may; no time once it is handled.
    claimed_by     TEXT NOT NULL,
    claimed_until  BIGINT
);
CREATE UNIQUE INDEX konaplate_callbacks_correlation_id ON konaplate_callbacks (correlation_id);
CREATE INDEX konaplate_callbacks_came_at ON konaplate_callbacks (came_at);
CREATE INDEX konaplate_callbacks_claimed_until ON konaplate_callbacks (claimed_until);
