-- Channels of ThingSpeak, and of other sources, that are read; how far, and how that fares.

CREATE TABLE thingspeak_channels (
    id               UUID PRIMARY KEY,
    device_id        VARCHAR(255) ${bytewise} NOT NULL REFERENCES devices (device_id) ON DELETE CASCADE,
    source           TEXT NOT NULL DEFAULT 'thingspeak',
    channel_id       VARCHAR(255) NOT NULL CHECK (channel_id <> ''),
    -- sealed; null: the channel is public
    api_key          TEXT,
    -- channels of a community that name the same one share a token bucket
    account          TEXT NOT NULL DEFAULT 'default',
    field_map        JSONB NOT NULL DEFAULT '{}',
    poll_interval_s  INTEGER NOT NULL CHECK (poll_interval_s > 0),
    enabled          BOOLEAN NOT NULL DEFAULT TRUE,
    version          BIGINT NOT NULL DEFAULT 1,
    created_at       TIMESTAMPTZ NOT NULL,
    -- the entries from the first to the last are stored; the next look reads from read_from on
    first_entry_id   BIGINT NOT NULL DEFAULT 0,
    last_entry_id    BIGINT NOT NULL DEFAULT 0,
    read_from        TIMESTAMPTZ,
    -- entries that the source did not show, between others that it did
    entries_missing  BIGINT NOT NULL DEFAULT 0,
    -- what is read of before the first entry: from which entry on, the lowest of those that are read, up to which time
    history_from     BIGINT,
    history_lowest   BIGINT,
    history_at       TIMESTAMPTZ,
    last_polled_at   TIMESTAMPTZ,
    breaker_state    TEXT NOT NULL DEFAULT 'closed' CHECK (breaker_state IN ('closed', 'open', 'half_open')),
    breaker_until    TIMESTAMPTZ,
    last_error       TEXT,
    failing_since    TIMESTAMPTZ,
    -- rises when whoever reads it must begin anew
    revision         BIGINT NOT NULL DEFAULT 1,
    -- the node that reads it; whoever takes over raises the fence, and only the newest may write
    node             TEXT,
    fence            BIGINT NOT NULL DEFAULT 0,
    lease_until      TIMESTAMPTZ,
    UNIQUE (device_id, source, channel_id)
);

CREATE INDEX thingspeak_channels_in_order ON thingspeak_channels (created_at, id);
