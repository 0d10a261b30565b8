-- Who wants which events, how far each has come, and what did not go through at once.

CREATE TABLE event_subscriptions (
    id                TEXT PRIMARY KEY,
    subscription_id   TEXT NOT NULL UNIQUE CHECK (length(subscription_id) BETWEEN 1 AND 64),
    subscriber_id     TEXT NOT NULL,
    community_id      TEXT REFERENCES communities (id),
    event_types       TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(event_types)),
    sources           TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(sources)),
    device_id         TEXT,
    priority_filter   TEXT NOT NULL DEFAULT 'low' CHECK (priority_filter IN ('low', 'normal', 'high', 'critical')),
    filter            TEXT NOT NULL DEFAULT '',
    -- {"kind": …} and the settings of that kind
    sink              TEXT NOT NULL CHECK (json_valid(sink)),
    -- how events are handed over
    terms             TEXT NOT NULL CHECK (json_valid(terms)),
    active            INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
    version           INTEGER NOT NULL DEFAULT 1,
    created_at        INTEGER NOT NULL,
    -- rises when whoever works on it must begin anew
    revision          INTEGER NOT NULL DEFAULT 1,
    -- all events up to it are settled or have a row in event_deliveries
    cursor            INTEGER NOT NULL,
    -- all events up to it were looked at; those of them that are on their way
    read_to           INTEGER NOT NULL,
    unsettled         TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(unsettled)),
    delivered         INTEGER NOT NULL DEFAULT 0,
    failed_attempts   INTEGER NOT NULL DEFAULT 0,
    expired           INTEGER NOT NULL DEFAULT 0,
    dead              INTEGER NOT NULL DEFAULT 0,
    last_delivered_at INTEGER,
    last_error        TEXT,
    failing_since     INTEGER,
    -- the node that works on it; whoever takes over raises the fence, and only the newest may write
    worker            TEXT,
    fence             INTEGER NOT NULL DEFAULT 0,
    lease_until       INTEGER
) STRICT;

CREATE INDEX event_subscriptions_active ON event_subscriptions (subscriber_id, subscription_id) WHERE active;

CREATE TABLE event_deliveries (
    subscription_id TEXT NOT NULL REFERENCES event_subscriptions (subscription_id) ON DELETE CASCADE,
    event_sequence  INTEGER NOT NULL,
    event_id        TEXT NOT NULL,
    status          TEXT NOT NULL CHECK (status IN ('pending', 'delivered', 'retrying', 'dead', 'expired')),
    attempts        INTEGER NOT NULL DEFAULT 0,
    next_attempt_at INTEGER,
    last_error      TEXT,
    delivered_at    INTEGER,
    updated_at      INTEGER NOT NULL,
    PRIMARY KEY (subscription_id, event_sequence)
) STRICT, WITHOUT ROWID;

CREATE INDEX event_deliveries_by_status ON event_deliveries (subscription_id, status, event_sequence);
CREATE INDEX event_deliveries_due ON event_deliveries (next_attempt_at) WHERE status = 'retrying';

CREATE INDEX events_by_time ON events (timestamp, sequence);
CREATE INDEX events_by_source ON events (source, sequence);
CREATE INDEX events_urgent ON events (sequence) WHERE priority IN ('high', 'critical');
