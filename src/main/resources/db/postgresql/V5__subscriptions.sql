-- Who wants which events, how far each has come, and what did not go through at once.

CREATE TABLE event_subscriptions (
    id                UUID PRIMARY KEY,
    subscription_id   VARCHAR(64) NOT NULL UNIQUE CHECK (subscription_id <> ''),
    subscriber_id     VARCHAR(255) NOT NULL,
    community_id      UUID REFERENCES communities (id),
    event_types       JSONB NOT NULL DEFAULT '[]',
    sources           JSONB NOT NULL DEFAULT '[]',
    device_id         VARCHAR(255),
    priority_filter   TEXT NOT NULL DEFAULT 'low' CHECK (priority_filter IN ('low', 'normal', 'high', 'critical')),
    filter            TEXT NOT NULL DEFAULT '',
    -- {"kind": …} and the settings of that kind
    sink              JSONB NOT NULL,
    -- how events are handed over
    terms             JSONB NOT NULL,
    active            BOOLEAN NOT NULL DEFAULT TRUE,
    version           BIGINT NOT NULL DEFAULT 1,
    created_at        TIMESTAMPTZ NOT NULL,
    -- rises when whoever works on it must begin anew
    revision          BIGINT NOT NULL DEFAULT 1,
    -- all events up to it are settled or have a row in event_deliveries
    cursor            BIGINT NOT NULL,
    -- all events up to it were looked at; those of them that are on their way
    read_to           BIGINT NOT NULL,
    unsettled         JSONB NOT NULL DEFAULT '[]',
    delivered         BIGINT NOT NULL DEFAULT 0,
    failed_attempts   BIGINT NOT NULL DEFAULT 0,
    expired           BIGINT NOT NULL DEFAULT 0,
    dead              BIGINT NOT NULL DEFAULT 0,
    last_delivered_at TIMESTAMPTZ,
    last_error        TEXT,
    failing_since     TIMESTAMPTZ,
    -- the node that works on it; whoever takes over raises the fence, and only the newest may write
    worker            TEXT,
    fence             BIGINT NOT NULL DEFAULT 0,
    lease_until       TIMESTAMPTZ
);

CREATE INDEX event_subscriptions_active ON event_subscriptions (subscriber_id, subscription_id) WHERE active;

CREATE TABLE event_deliveries (
    subscription_id VARCHAR(64) NOT NULL REFERENCES event_subscriptions (subscription_id) ON DELETE CASCADE,
    event_sequence  BIGINT NOT NULL,
    event_id        VARCHAR(255) NOT NULL,
    status          TEXT NOT NULL CHECK (status IN ('pending', 'delivered', 'retrying', 'dead', 'expired')),
    attempts        INTEGER NOT NULL DEFAULT 0,
    next_attempt_at TIMESTAMPTZ,
    last_error      TEXT,
    delivered_at    TIMESTAMPTZ,
    updated_at      TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (subscription_id, event_sequence)
);

CREATE INDEX event_deliveries_by_status ON event_deliveries (subscription_id, status, event_sequence);
CREATE INDEX event_deliveries_due ON event_deliveries (next_attempt_at) WHERE status = 'retrying';

CREATE INDEX events_by_time ON events (timestamp, sequence);
CREATE INDEX events_by_source ON events (source, sequence);
CREATE INDEX events_urgent ON events (sequence) WHERE priority IN ('high', 'critical');
