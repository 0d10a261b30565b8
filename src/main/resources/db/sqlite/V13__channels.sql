-- Channels of ThingSpeak, and of other sources, that are read; how far, and how that fares.

CREATE TABLE thingspeak_channels (
    id               TEXT PRIMARY KEY,
    device_id        TEXT NOT NULL REFERENCES devices (device_id) ON DELETE CASCADE,
    source           TEXT NOT NULL DEFAULT 'thingspeak',
    channel_id       TEXT NOT NULL CHECK (length(channel_id) BETWEEN 1 AND 255),
    -- sealed; null: the channel is public
    api_key          TEXT,
    -- channels of a community that name the same one share a token bucket
    account          TEXT NOT NULL DEFAULT 'default',
    field_map        TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(field_map)),
    poll_interval_s  INTEGER NOT NULL CHECK (poll_interval_s > 0),
    enabled          INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
    version          INTEGER NOT NULL DEFAULT 1,
    created_at       INTEGER NOT NULL,
    -- the entries from the first to the last are stored; the next look reads from read_from on
    first_entry_id   INTEGER NOT NULL DEFAULT 0,
    last_entry_id    INTEGER NOT NULL DEFAULT 0,
    read_from        INTEGER,
    -- entries that the source did not show, between others that it did
    entries_missing  INTEGER NOT NULL DEFAULT 0,
    -- what is read of before the first entry: from which entry on, the lowest of those that are read, up to which time
    history_from     INTEGER,
    history_lowest   INTEGER,
    history_at       INTEGER,
    last_polled_at   INTEGER,
    breaker_state    TEXT NOT NULL DEFAULT 'closed' CHECK (breaker_state IN ('closed', 'open', 'half_open')),
    breaker_until    INTEGER,
    last_error       TEXT,
    failing_since    INTEGER,
    -- rises when whoever reads it must begin anew
    revision         INTEGER NOT NULL DEFAULT 1,
    -- the node that reads it; whoever takes over raises the fence, and only the newest may write
    node             TEXT,
    fence            INTEGER NOT NULL DEFAULT 0,
    lease_until      INTEGER,
    UNIQUE (device_id, source, channel_id)
) STRICT;

CREATE INDEX thingspeak_channels_in_order ON thingspeak_channels (created_at, id);
