-- The same tables as on SQLite, with PostgreSQL's own types. Also run on CockroachDB; what differs there is in V2.

CREATE TABLE communities (
    id         UUID PRIMARY KEY,
    name       TEXT NOT NULL UNIQUE,
    metadata   JSONB NOT NULL DEFAULT '{}',
    created_at TIMESTAMPTZ NOT NULL
);

INSERT INTO communities (id, name, created_at)
VALUES ('00000000-0000-4000-8000-000000000001', 'default', now());

CREATE TABLE distributors (
    id           UUID PRIMARY KEY,
    community_id UUID REFERENCES communities (id),
    name         TEXT NOT NULL,
    metadata     JSONB NOT NULL DEFAULT '{}',
    created_at   TIMESTAMPTZ NOT NULL
);

CREATE TABLE customers (
    id           UUID PRIMARY KEY,
    community_id UUID REFERENCES communities (id),
    name         TEXT NOT NULL,
    metadata     JSONB NOT NULL DEFAULT '{}',
    created_at   TIMESTAMPTZ NOT NULL
);

CREATE TABLE api_keys (
    id           UUID PRIMARY KEY,
    user_id      UUID,
    name         TEXT NOT NULL,
    key_hash     TEXT NOT NULL UNIQUE,
    role         TEXT NOT NULL CHECK (role IN ('superadmin', 'community_admin', 'operator', 'viewer')),
    community_id UUID REFERENCES communities (id),
    scopes       JSONB NOT NULL DEFAULT '[]',
    expires_at   TIMESTAMPTZ,
    last_used_at TIMESTAMPTZ,
    revoked_at   TIMESTAMPTZ,
    created_at   TIMESTAMPTZ NOT NULL
);

CREATE TABLE device_profiles (
    id                       UUID PRIMARY KEY,
    community_id             UUID REFERENCES communities (id),
    name                     TEXT NOT NULL UNIQUE,
    manufacturer             TEXT,
    model                    TEXT,
    protocol                 TEXT CHECK (protocol IN ('mqtt', 'http', 'websocket', 'coap', 'lorawan', 'thingspeak')),
    codec                    JSONB NOT NULL DEFAULT '{}',
    default_configuration    JSONB NOT NULL DEFAULT '{}',
    heartbeat_interval_s     INTEGER NOT NULL CHECK (heartbeat_interval_s > 0),
    offline_after_s          INTEGER NOT NULL CHECK (offline_after_s > 0),
    provisioning_key         TEXT UNIQUE,
    provisioning_secret_hash TEXT,
    created_at               TIMESTAMPTZ NOT NULL
);

CREATE TABLE devices (
    id                  UUID PRIMARY KEY,
    device_id           VARCHAR(255) NOT NULL UNIQUE CHECK (device_id <> ''),
    name                TEXT NOT NULL,
    device_type         TEXT,
    profile_id          UUID REFERENCES device_profiles (id),
    protocol            TEXT CHECK (protocol IN ('mqtt', 'http', 'websocket', 'coap', 'lorawan', 'thingspeak')),
    manufacturer        TEXT,
    model               TEXT,
    firmware_version    TEXT,
    capabilities        JSONB NOT NULL DEFAULT '[]',
    metadata            JSONB NOT NULL DEFAULT '{}',
    location            JSONB NOT NULL DEFAULT '{}',
    community_id        UUID REFERENCES communities (id),
    distributor_id      UUID REFERENCES distributors (id),
    customer_id         UUID REFERENCES customers (id),
    lifecycle           TEXT NOT NULL DEFAULT 'active'
        CHECK (lifecycle IN ('installed', 'testing', 'active', 'maintenance', 'decommissioned')),
    enabled             BOOLEAN NOT NULL DEFAULT TRUE,
    status              TEXT NOT NULL DEFAULT 'unknown' CHECK (status IN ('online', 'offline', 'unknown')),
    is_online           BOOLEAN NOT NULL DEFAULT FALSE,
    health_score        INTEGER NOT NULL DEFAULT 100 CHECK (health_score BETWEEN 0 AND 100),
    last_heartbeat      TIMESTAMPTZ,
    last_seen_at        TIMESTAMPTZ,
    connected_at        TIMESTAMPTZ,
    created_at          TIMESTAMPTZ NOT NULL,
    updated_at          TIMESTAMPTZ NOT NULL,
    version             BIGINT NOT NULL DEFAULT 1,
    -- the open connection, and when the device is overdue if nothing more is heard of it
    connection_id       UUID,
    connection_protocol TEXT,
    connection_address  TEXT,
    connection_node     TEXT,
    overdue_at          TIMESTAMPTZ
);

CREATE INDEX devices_overdue ON devices (overdue_at) WHERE is_online;
CREATE INDEX devices_by_community_status ON devices (community_id, status);
CREATE INDEX devices_by_status ON devices (status, device_id);
CREATE INDEX devices_by_type ON devices (device_type, device_id);
CREATE INDEX devices_by_profile ON devices (profile_id, device_id);

CREATE TABLE device_credentials (
    id           UUID PRIMARY KEY,
    device_id    VARCHAR(255) NOT NULL REFERENCES devices (device_id) ON DELETE CASCADE,
    type         TEXT NOT NULL CHECK (type IN ('token', 'password', 'x509', 'psk')),
    identity     VARCHAR(255) NOT NULL,
    secret_hash  TEXT NOT NULL DEFAULT '',
    not_before   TIMESTAMPTZ NOT NULL,
    not_after    TIMESTAMPTZ,
    revoked_at   TIMESTAMPTZ,
    last_used_at TIMESTAMPTZ,
    UNIQUE (type, identity)
);

CREATE INDEX device_credentials_by_device ON device_credentials (device_id);

CREATE TABLE device_lifecycle_log (
    id             UUID PRIMARY KEY,
    device_id      VARCHAR(255) NOT NULL,
    from_lifecycle TEXT NOT NULL,
    to_lifecycle   TEXT NOT NULL,
    reason         TEXT NOT NULL,
    actor          TEXT NOT NULL,
    at             TIMESTAMPTZ NOT NULL,
    -- the device's version with this move
    version        BIGINT NOT NULL
);

CREATE INDEX device_lifecycle_log_by_device ON device_lifecycle_log (device_id, at, version);

CREATE TABLE device_states (
    id               UUID PRIMARY KEY,
    device_id        VARCHAR(255) NOT NULL UNIQUE,
    current_state    VARCHAR(64) NOT NULL DEFAULT 'unknown',
    state_since      TIMESTAMPTZ NOT NULL,
    last_updated     TIMESTAMPTZ NOT NULL,
    reported         JSONB NOT NULL DEFAULT '{}',
    reported_version BIGINT NOT NULL DEFAULT 0,
    desired          JSONB NOT NULL DEFAULT '{}',
    desired_version  BIGINT NOT NULL DEFAULT 0,
    configuration    JSONB NOT NULL DEFAULT '{}',
    metadata         JSONB NOT NULL DEFAULT '{}',
    created_at       TIMESTAMPTZ NOT NULL,
    revision         BIGINT NOT NULL DEFAULT 0
);

CREATE INDEX device_states_by_state ON device_states (current_state, device_id);

CREATE TABLE state_changes (
    id         UUID PRIMARY KEY,
    device_id  VARCHAR(255) NOT NULL,
    from_state VARCHAR(64) NOT NULL,
    to_state   VARCHAR(64) NOT NULL,
    timestamp  TIMESTAMPTZ NOT NULL,
    reason     TEXT,
    actor      TEXT NOT NULL,
    metadata   JSONB NOT NULL DEFAULT '{}'
);

CREATE INDEX state_changes_by_device ON state_changes (device_id, timestamp);

-- Message ids that devices used: a repeated one is answered with the first's sequence.
CREATE TABLE message_receipts (
    device_id   VARCHAR(255) NOT NULL,
    message_id  VARCHAR(255) NOT NULL,
    sequence    BIGINT NOT NULL,
    received_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (device_id, message_id)
);

CREATE INDEX message_receipts_by_age ON message_receipts (received_at);

CREATE TABLE reading_rollups (
    device_id    VARCHAR(255) NOT NULL,
    metric       VARCHAR(255) NOT NULL,
    bucket       TEXT NOT NULL CHECK (bucket IN ('1m', '1h', '1d')),
    bucket_start TIMESTAMPTZ NOT NULL,
    count        BIGINT NOT NULL,
    min          DOUBLE PRECISION NOT NULL,
    max          DOUBLE PRECISION NOT NULL,
    sum          DOUBLE PRECISION NOT NULL,
    first        DOUBLE PRECISION NOT NULL,
    last         DOUBLE PRECISION NOT NULL,
    first_at     TIMESTAMPTZ NOT NULL,
    last_at      TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (device_id, metric, bucket, bucket_start)
);

CREATE TABLE device_connection_logs (
    id              UUID PRIMARY KEY,
    device_id       VARCHAR(255) NOT NULL,
    event           TEXT NOT NULL CHECK (event IN ('connected', 'disconnected', 'timeout', 'rejected')),
    protocol        TEXT NOT NULL,
    remote_address  TEXT,
    node            TEXT NOT NULL,
    reason          TEXT,
    session_seconds DOUBLE PRECISION,
    timestamp       TIMESTAMPTZ NOT NULL
);

CREATE INDEX device_connection_logs_by_device ON device_connection_logs (device_id, timestamp, id);
CREATE INDEX device_connection_logs_by_time ON device_connection_logs (timestamp, id);

CREATE TABLE events (
    sequence     BIGINT PRIMARY KEY,
    event_id     VARCHAR(255) NOT NULL UNIQUE,
    event_type   VARCHAR(64) NOT NULL,
    source       TEXT NOT NULL,
    device_id    VARCHAR(255),
    community_id UUID,
    timestamp    TIMESTAMPTZ NOT NULL,
    data         JSONB NOT NULL DEFAULT '{}',
    metadata     JSONB NOT NULL DEFAULT '{}',
    priority     TEXT NOT NULL DEFAULT 'normal' CHECK (priority IN ('low', 'normal', 'high', 'critical')),
    ttl          BIGINT,
    delivered    BOOLEAN NOT NULL DEFAULT FALSE
);

CREATE INDEX events_by_device ON events (device_id, sequence);
CREATE INDEX events_by_type ON events (event_type, sequence);

CREATE TABLE inbox (
    identity       VARCHAR(255) PRIMARY KEY,
    protocol       TEXT NOT NULL,
    remote_address TEXT,
    reason         TEXT NOT NULL,
    attempts       BIGINT NOT NULL,
    first_seen     TIMESTAMPTZ NOT NULL,
    last_seen      TIMESTAMPTZ NOT NULL
);

CREATE INDEX inbox_by_last_seen ON inbox (last_seen, identity);

-- Per ingest lane: the number of its last commit (so that a commit whose answer was lost is not done twice), and up to
-- which snapshot the roll-ups are kept.
CREATE TABLE ingest_progress (
    writer       TEXT PRIMARY KEY,
    committed    BIGINT NOT NULL,
    rolled_up_to BIGINT NOT NULL,
    updated_at   TIMESTAMPTZ NOT NULL,
    -- where the blocks of snapshot numbers begin that the lane has taken since
    blocks       BIGINT[] NOT NULL DEFAULT '{}'
);

CREATE SEQUENCE event_sequence;

-- A lane takes numbers in blocks of 2^22, as many as one commit may hold at the most.
CREATE SEQUENCE snapshot_sequence INCREMENT BY 4194304;
