-- Ids are UUIDs as text; times are INTEGER microseconds since 1970-01-01T00:00:00Z (datetime(t / 1e6, 'unixepoch') shows
-- them); documents are JSON text; truth values are 0 and 1.

CREATE TABLE communities (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL UNIQUE,
    metadata   TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(metadata)),
    created_at INTEGER NOT NULL
) STRICT;

INSERT INTO communities (id, name, created_at)
VALUES ('00000000-0000-4000-8000-000000000001', 'default', CAST(strftime('%s', 'now') AS INTEGER) * 1000000);

CREATE TABLE distributors (
    id           TEXT PRIMARY KEY,
    community_id TEXT REFERENCES communities (id),
    name         TEXT NOT NULL,
    metadata     TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(metadata)),
    created_at   INTEGER NOT NULL
) STRICT;

CREATE TABLE customers (
    id           TEXT PRIMARY KEY,
    community_id TEXT REFERENCES communities (id),
    name         TEXT NOT NULL,
    metadata     TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(metadata)),
    created_at   INTEGER NOT NULL
) STRICT;

CREATE TABLE api_keys (
    id           TEXT PRIMARY KEY,
    user_id      TEXT,
    name         TEXT NOT NULL,
    key_hash     TEXT NOT NULL UNIQUE,
    role         TEXT NOT NULL CHECK (role IN ('superadmin', 'community_admin', 'operator', 'viewer')),
    community_id TEXT REFERENCES communities (id),
    scopes       TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(scopes)),
    expires_at   INTEGER,
    last_used_at INTEGER,
    revoked_at   INTEGER,
    created_at   INTEGER NOT NULL
) STRICT;

CREATE TABLE device_profiles (
    id                       TEXT PRIMARY KEY,
    community_id             TEXT REFERENCES communities (id),
    name                     TEXT NOT NULL UNIQUE,
    manufacturer             TEXT,
    model                    TEXT,
    protocol                 TEXT CHECK (protocol IN ('mqtt', 'http', 'websocket', 'coap', 'lorawan', 'thingspeak')),
    codec                    TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(codec)),
    default_configuration    TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(default_configuration)),
    heartbeat_interval_s     INTEGER NOT NULL CHECK (heartbeat_interval_s > 0),
    offline_after_s          INTEGER NOT NULL CHECK (offline_after_s > 0),
    provisioning_key         TEXT UNIQUE,
    provisioning_secret_hash TEXT,
    created_at               INTEGER NOT NULL
) STRICT;

CREATE TABLE devices (
    id                  TEXT PRIMARY KEY,
    device_id           TEXT NOT NULL UNIQUE CHECK (length(device_id) BETWEEN 1 AND 255),
    name                TEXT NOT NULL,
    device_type         TEXT,
    profile_id          TEXT REFERENCES device_profiles (id),
    protocol            TEXT CHECK (protocol IN ('mqtt', 'http', 'websocket', 'coap', 'lorawan', 'thingspeak')),
    manufacturer        TEXT,
    model               TEXT,
    firmware_version    TEXT,
    capabilities        TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(capabilities)),
    metadata            TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(metadata)),
    location            TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(location)),
    community_id        TEXT REFERENCES communities (id),
    distributor_id      TEXT REFERENCES distributors (id),
    customer_id         TEXT REFERENCES customers (id),
    lifecycle           TEXT NOT NULL DEFAULT 'active'
        CHECK (lifecycle IN ('installed', 'testing', 'active', 'maintenance', 'decommissioned')),
    enabled             INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
    status              TEXT NOT NULL DEFAULT 'unknown' CHECK (status IN ('online', 'offline', 'unknown')),
    is_online           INTEGER NOT NULL DEFAULT 0 CHECK (is_online IN (0, 1)),
    health_score        INTEGER NOT NULL DEFAULT 100 CHECK (health_score BETWEEN 0 AND 100),
    last_heartbeat      INTEGER,
    last_seen_at        INTEGER,
    connected_at        INTEGER,
    created_at          INTEGER NOT NULL,
    updated_at          INTEGER NOT NULL,
    version             INTEGER NOT NULL DEFAULT 1,
    -- the open connection, and when the device is overdue if nothing more is heard of it
    connection_id       TEXT,
    connection_protocol TEXT,
    connection_address  TEXT,
    connection_node     TEXT,
    overdue_at          INTEGER
) STRICT;

CREATE INDEX devices_overdue ON devices (overdue_at) WHERE is_online = 1;
CREATE INDEX devices_by_community_status ON devices (community_id, status);
CREATE INDEX devices_by_status ON devices (status, device_id);
CREATE INDEX devices_by_type ON devices (device_type, device_id);
CREATE INDEX devices_by_profile ON devices (profile_id, device_id);

CREATE TABLE device_credentials (
    id           TEXT PRIMARY KEY,
    device_id    TEXT NOT NULL REFERENCES devices (device_id) ON DELETE CASCADE,
    type         TEXT NOT NULL CHECK (type IN ('token', 'password', 'x509', 'psk')),
    identity     TEXT NOT NULL,
    secret_hash  TEXT NOT NULL DEFAULT '',
    not_before   INTEGER NOT NULL,
    not_after    INTEGER,
    revoked_at   INTEGER,
    last_used_at INTEGER,
    UNIQUE (type, identity)
) STRICT;

CREATE INDEX device_credentials_by_device ON device_credentials (device_id);

CREATE TABLE device_lifecycle_log (
    id             TEXT PRIMARY KEY,
    device_id      TEXT NOT NULL,
    from_lifecycle TEXT NOT NULL,
    to_lifecycle   TEXT NOT NULL,
    reason         TEXT NOT NULL,
    actor          TEXT NOT NULL,
    at             INTEGER NOT NULL,
    -- the device's version with this move
    version        INTEGER NOT NULL
) STRICT;

CREATE INDEX device_lifecycle_log_by_device ON device_lifecycle_log (device_id, at, version);

CREATE TABLE device_states (
    id               TEXT PRIMARY KEY,
    device_id        TEXT NOT NULL UNIQUE,
    current_state    TEXT NOT NULL DEFAULT 'unknown' CHECK (length(current_state) BETWEEN 1 AND 64),
    state_since      INTEGER NOT NULL,
    last_updated     INTEGER NOT NULL,
    reported         TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(reported)),
    reported_version INTEGER NOT NULL DEFAULT 0,
    desired          TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(desired)),
    desired_version  INTEGER NOT NULL DEFAULT 0,
    configuration    TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(configuration)),
    metadata         TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(metadata)),
    created_at       INTEGER NOT NULL,
    revision         INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX device_states_by_state ON device_states (current_state, device_id);

CREATE TABLE state_changes (
    id         TEXT PRIMARY KEY,
    device_id  TEXT NOT NULL,
    from_state TEXT NOT NULL,
    to_state   TEXT NOT NULL,
    timestamp  INTEGER NOT NULL,
    reason     TEXT,
    actor      TEXT NOT NULL,
    metadata   TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(metadata))
) STRICT;

CREATE INDEX state_changes_by_device ON state_changes (device_id, timestamp);

-- Rows of about the same age lie together (bucket = sequence / 200,000), inside a bucket by device and time: writes stay
-- near the end of the tree, and a range of one device is read without jumping about.
CREATE TABLE device_state_snapshots (
    bucket     INTEGER NOT NULL,
    device_id  TEXT NOT NULL,
    timestamp  INTEGER NOT NULL,
    sequence   INTEGER NOT NULL,
    state_data TEXT NOT NULL CHECK (json_valid(state_data)),
    message_id TEXT,
    PRIMARY KEY (bucket, device_id, timestamp, sequence)
) STRICT, WITHOUT ROWID;

-- What times a bucket holds, so that a range leaves out the others.
CREATE TABLE snapshot_buckets (
    bucket          INTEGER PRIMARY KEY,
    first_timestamp INTEGER NOT NULL,
    last_timestamp  INTEGER NOT NULL
) STRICT;

-- Message ids that devices used: a repeated one is answered with the first's sequence.
CREATE TABLE message_receipts (
    device_id   TEXT NOT NULL,
    message_id  TEXT NOT NULL,
    sequence    INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    PRIMARY KEY (device_id, message_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX message_receipts_by_age ON message_receipts (received_at);

CREATE TABLE reading_rollups (
    device_id    TEXT NOT NULL,
    metric       TEXT NOT NULL,
    bucket       TEXT NOT NULL CHECK (bucket IN ('1m', '1h', '1d')),
    bucket_start INTEGER NOT NULL,
    count        INTEGER NOT NULL,
    min          REAL NOT NULL,
    max          REAL NOT NULL,
    sum          REAL NOT NULL,
    first        REAL NOT NULL,
    last         REAL NOT NULL,
    first_at     INTEGER NOT NULL,
    last_at      INTEGER NOT NULL,
    PRIMARY KEY (device_id, metric, bucket, bucket_start)
) STRICT, WITHOUT ROWID;

CREATE TABLE device_connection_logs (
    id              TEXT PRIMARY KEY,
    device_id       TEXT NOT NULL,
    event           TEXT NOT NULL CHECK (event IN ('connected', 'disconnected', 'timeout', 'rejected')),
    protocol        TEXT NOT NULL,
    remote_address  TEXT,
    node            TEXT NOT NULL,
    reason          TEXT,
    session_seconds REAL,
    timestamp       INTEGER NOT NULL
) STRICT;

CREATE INDEX device_connection_logs_by_device ON device_connection_logs (device_id, timestamp, id);
CREATE INDEX device_connection_logs_by_time ON device_connection_logs (timestamp, id);

CREATE TABLE events (
    sequence     INTEGER PRIMARY KEY,
    event_id     TEXT NOT NULL UNIQUE CHECK (length(event_id) BETWEEN 1 AND 255),
    event_type   TEXT NOT NULL CHECK (length(event_type) BETWEEN 1 AND 64),
    source       TEXT NOT NULL,
    device_id    TEXT,
    community_id TEXT,
    timestamp    INTEGER NOT NULL,
    data         TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(data)),
    metadata     TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(metadata)),
    priority     TEXT NOT NULL DEFAULT 'normal' CHECK (priority IN ('low', 'normal', 'high', 'critical')),
    ttl          INTEGER,
    delivered    INTEGER NOT NULL DEFAULT 0 CHECK (delivered IN (0, 1))
) STRICT;

CREATE INDEX events_by_device ON events (device_id, sequence);
CREATE INDEX events_by_type ON events (event_type, sequence);

CREATE TABLE inbox (
    identity       TEXT PRIMARY KEY,
    protocol       TEXT NOT NULL,
    remote_address TEXT,
    reason         TEXT NOT NULL,
    attempts       INTEGER NOT NULL,
    first_seen     INTEGER NOT NULL,
    last_seen      INTEGER NOT NULL
) STRICT;

CREATE INDEX inbox_by_last_seen ON inbox (last_seen, identity);

-- Per ingest lane: the number of its last commit (so that a commit whose answer was lost is not done twice), and up to
-- which snapshot the roll-ups are kept.
CREATE TABLE ingest_progress (
    writer       TEXT PRIMARY KEY,
    committed    INTEGER NOT NULL,
    rolled_up_to INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL
) STRICT;
