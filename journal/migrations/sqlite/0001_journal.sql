-- Everything here is named konaplate_: the database may be an application's own. Times are milliseconds
-- since 1970-01-01T00:00:00Z, by the journal's clock where nothing else is said.

-- A project at the platform. Whatever an entry says holds within its project.
CREATE TABLE konaplate_projects (
    number   INTEGER PRIMARY KEY,
    base_url TEXT NOT NULL,
    asp_id   TEXT NOT NULL
);
-- Digests of its access keys. A rotation adds one.
CREATE TABLE konaplate_project_keys (
    base_url   TEXT NOT NULL,
    key_digest TEXT NOT NULL,
    project    BIGINT NOT NULL,
    PRIMARY KEY (base_url, key_digest)
);

-- One row a call that moves money, or may.
CREATE TABLE konaplate_calls (
    number         INTEGER PRIMARY KEY,
    project        BIGINT NOT NULL,
    correlation_id TEXT NOT NULL,
    -- Tells the intent from every other one, also from one with the same correlation id.
    intent         TEXT NOT NULL,
    -- Id of the operation, or the path of one that the description does not know.
    operation      TEXT NOT NULL,
    sequence_id    TEXT,
    -- By the client's clock; for people.
    intended_at    BIGINT NOT NULL,
    began_at       BIGINT NOT NULL,
    -- Until when the call may be under way.
    ends_by        BIGINT NOT NULL,
    -- When the call came back, with whatever it knows.
    ended_at       BIGINT,
    -- Fields of the request that are not sensitive, as a JSON object.
    request        TEXT NOT NULL,
    -- Body of the network cancellation, where the caller wants it durable, as a JSON object.
    cancellation   TEXT,
    -- open, not_sent, not_carried_out, declined, earlier_call, completed, awaiting_member, failed,
    -- cancelling, cancelled, needs_person
    state          TEXT NOT NULL,
    -- Whose word the state is: none, call, inquiry, cancellation, person
    source         TEXT NOT NULL,
    settled_at     BIGINT,
    -- Code, delivery, a result or a note; for people.
    detail         TEXT,
    -- Fields of the response that are not sensitive, as a JSON object.
    response       TEXT,
    -- 1 while two who should know contradict each other.
    contradicted   BIGINT NOT NULL DEFAULT 0,
    -- How often it was asked about in vain, and from when on it is again.
    asked          BIGINT NOT NULL DEFAULT 0,
    ask_from       BIGINT NOT NULL DEFAULT 0,
    -- Who is settling it, and until when nobody else may.
    claimed_by     TEXT,
    claimed_until  BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX konaplate_calls_id ON konaplate_calls (project, correlation_id);
CREATE INDEX konaplate_calls_state ON konaplate_calls (state, number);
CREATE INDEX konaplate_calls_due ON konaplate_calls (project, ask_from)
    WHERE state IN ('open', 'awaiting_member', 'cancelling');
CREATE INDEX konaplate_calls_contradicted ON konaplate_calls (project) WHERE contradicted = 1;

-- A sequence id is sent once. Kept when the entry is pruned.
CREATE TABLE konaplate_holds (
    project     BIGINT NOT NULL,
    sequence_id TEXT NOT NULL,
    -- Whose it is.
    intent      TEXT NOT NULL,
    PRIMARY KEY (project, sequence_id)
);

-- What was said about a call, in order, whether it became its state or not.
CREATE TABLE konaplate_history (
    number   INTEGER PRIMARY KEY,
    call     BIGINT NOT NULL,
    said_at  BIGINT NOT NULL,
    source   TEXT NOT NULL,
    state    TEXT NOT NULL,
    detail   TEXT,
    response TEXT
);
CREATE INDEX konaplate_history_call ON konaplate_history (call, number);

-- One row a callback that was handled, or is being handled. Nothing in it says what a callback said.
CREATE TABLE konaplate_callbacks (
    scope          TEXT NOT NULL,
    -- A keyed hash of what it says, in hex digits.
    fingerprint    TEXT NOT NULL,
    correlation_id TEXT NOT NULL,
    -- When it came first, and last, and when it is forgotten, by the receiver's clock.
    first_at       BIGINT NOT NULL,
    last_at        BIGINT NOT NULL,
    forget_at      BIGINT NOT NULL,
    -- Who is handling it, and until when nobody else may; no time once it is handled.
    claimed_by     TEXT NOT NULL,
    claimed_until  BIGINT,
    PRIMARY KEY (scope, fingerprint)
);
CREATE UNIQUE INDEX konaplate_callbacks_id ON konaplate_callbacks (scope, correlation_id);
CREATE INDEX konaplate_callbacks_forget_at ON konaplate_callbacks (forget_at);
CREATE INDEX konaplate_callbacks_claimed_until ON konaplate_callbacks (claimed_until);

-- The latest time that a process of this machine has seen: the clock of the journal never goes back.
CREATE TABLE konaplate_clock (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    now BIGINT NOT NULL
);
INSERT INTO konaplate_clock VALUES (1, 0);
