-- One row a call that moves money. Times are milliseconds since 1970-01-01T00:00:00Z.
CREATE TABLE konaplate_journal (
    correlation_id TEXT PRIMARY KEY NOT NULL,
    operation      TEXT NOT NULL,
    sequence_id    TEXT,
    intended_at    BIGINT NOT NULL,
    -- Fields of the request that are not sensitive, as a JSON object.
    request        TEXT NOT NULL,
    -- open, not_sent, refused, completed, failed, needs_person
    state          TEXT NOT NULL DEFAULT 'open',
    settled_at     BIGINT,
    -- Code, delivery, or what was asked for and answered; for people.
    detail         TEXT,
    -- Fields of the answer that are not sensitive, as a JSON object.
    answer         TEXT,
    -- Who is settling it, and until when nobody else may.
    claimed_by     TEXT,
    claimed_until  BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX konaplate_journal_open ON konaplate_journal (state, intended_at);
