-- Spaces: the sensors and displays that can serve them, where they are, who booked them, and each change of a display.
-- What keeps these tables in step with each other is in V19.

CREATE TABLE sensor_devices (
    device_id       VARCHAR(255) ${bytewise} PRIMARY KEY REFERENCES devices (device_id) ON DELETE CASCADE,
    -- null: not a LoRaWAN device
    dev_eui         CHAR(16) UNIQUE CHECK (dev_eui ~ '^[0-9A-F]{16}$'),
    join_eui        CHAR(16) CHECK (join_eui ~ '^[0-9A-F]{16}$'),
    payload_decoder TEXT,
    application     TEXT,
    network         TEXT,
    -- the value that says whether the space is taken; null: any of the usual ones
    occupancy_field TEXT,
    created_at      TIMESTAMPTZ NOT NULL
);

CREATE TABLE display_devices (
    device_id           VARCHAR(255) ${bytewise} PRIMARY KEY REFERENCES devices (device_id) ON DELETE CASCADE,
    -- null: not a LoRaWAN device, it gets its codes as commands
    dev_eui             CHAR(16) UNIQUE CHECK (dev_eui ~ '^[0-9A-F]{16}$'),
    display_type        TEXT NOT NULL CHECK (display_type IN ('kuando_busylight', 'generic')),
    -- {"free": "0000FF6400", …}
    display_codes       JSONB NOT NULL DEFAULT '{}',
    fport               INTEGER NOT NULL CHECK (fport BETWEEN 1 AND 223),
    confirmed_downlinks BOOLEAN NOT NULL DEFAULT FALSE,
    application         TEXT,
    network             TEXT,
    -- what it is to show, whether it does already or not
    wanted_state        TEXT CHECK (wanted_state IN ('free', 'occupied', 'reserved', 'maintenance', 'unknown')),
    created_at          TIMESTAMPTZ NOT NULL
);

CREATE TABLE locations (
    id           UUID PRIMARY KEY,
    parent_id    UUID REFERENCES locations (id),
    kind         TEXT NOT NULL CHECK (kind IN ('site', 'building', 'floor', 'zone')),
    name         TEXT NOT NULL,
    code         TEXT,
    lat          DOUBLE PRECISION,
    lon          DOUBLE PRECISION,
    community_id UUID REFERENCES communities (id),
    created_at   TIMESTAMPTZ NOT NULL,
    version      BIGINT NOT NULL DEFAULT 1
);

CREATE INDEX locations_by_parent ON locations (parent_id, name, id);
CREATE INDEX locations_by_name ON locations (name, id);
CREATE INDEX locations_by_community ON locations (community_id, name, id);

CREATE TABLE spaces (
    id                UUID PRIMARY KEY,
    community_id      UUID REFERENCES communities (id),
    location_id       UUID REFERENCES locations (id),
    name              TEXT NOT NULL,
    code              VARCHAR(255) ${bytewise} NOT NULL CHECK (code <> ''),
    sensor_device_id  VARCHAR(255) ${bytewise} REFERENCES sensor_devices (device_id) ON DELETE SET NULL,
    display_device_id VARCHAR(255) ${bytewise} REFERENCES display_devices (device_id) ON DELETE SET NULL,
    -- those of the devices, kept in step by triggers
    sensor_deveui     CHAR(16),
    display_deveui    CHAR(16),
    current_state     TEXT NOT NULL DEFAULT 'unknown'
        CHECK (current_state IN ('free', 'occupied', 'reserved', 'maintenance', 'unknown')),
    sensor_state      TEXT NOT NULL DEFAULT 'unknown' CHECK (sensor_state IN ('free', 'occupied', 'unknown')),
    -- the newest that its display is known to have got
    display_state     TEXT CHECK (display_state IN ('free', 'occupied', 'reserved', 'maintenance', 'unknown')),
    state_since       TIMESTAMPTZ NOT NULL,
    -- of which report the sensor's state is
    sensor_at         TIMESTAMPTZ,
    sensor_sequence   BIGINT NOT NULL DEFAULT 0,
    -- all that the sensor reported before that was looked at
    sensor_read_to    TIMESTAMPTZ,
    override_state    TEXT CHECK (override_state IN ('free', 'occupied', 'reserved')),
    override_until    TIMESTAMPTZ,
    override_by       TEXT,
    maintenance       BOOLEAN NOT NULL DEFAULT FALSE,
    -- on PostgreSQL whoever books writes it, so that no two book the same space without seeing each other
    bookings          BIGINT NOT NULL DEFAULT 0,
    metadata          JSONB NOT NULL DEFAULT '{}',
    created_at        TIMESTAMPTZ NOT NULL,
    version           BIGINT NOT NULL DEFAULT 1
);

CREATE UNIQUE INDEX spaces_by_location_code ON spaces (location_id, code) WHERE location_id IS NOT NULL;
CREATE UNIQUE INDEX spaces_by_code_nowhere ON spaces (community_id, code) WHERE location_id IS NULL;
CREATE INDEX spaces_by_code ON spaces (code, id);
CREATE INDEX spaces_by_community ON spaces (community_id, code, id);
CREATE UNIQUE INDEX spaces_by_sensor ON spaces (sensor_device_id) WHERE sensor_device_id IS NOT NULL;
CREATE INDEX spaces_by_sensor_deveui ON spaces (sensor_deveui) WHERE sensor_deveui IS NOT NULL;
CREATE INDEX spaces_by_display ON spaces (display_device_id) WHERE display_device_id IS NOT NULL;
CREATE INDEX spaces_by_display_deveui ON spaces (display_deveui) WHERE display_deveui IS NOT NULL;
CREATE INDEX spaces_by_override_end ON spaces (override_until) WHERE override_until IS NOT NULL;
CREATE INDEX spaces_left_by_sensor ON spaces (id) WHERE sensor_device_id IS NULL AND sensor_state <> 'unknown';

-- Spaces and devices that are gone stay here.
CREATE TABLE space_assignments (
    id              UUID PRIMARY KEY,
    space_id        UUID NOT NULL,
    device_id       VARCHAR(255) ${bytewise} NOT NULL,
    part            TEXT NOT NULL CHECK (part IN ('sensor', 'display')),
    assigned_at     TIMESTAMPTZ NOT NULL,
    unassigned_at   TIMESTAMPTZ,
    reason          TEXT,
    actor           TEXT NOT NULL,
    unassign_reason TEXT,
    unassigned_by   TEXT
);

CREATE UNIQUE INDEX space_assignments_open ON space_assignments (space_id, part) WHERE unassigned_at IS NULL;
CREATE INDEX space_assignments_by_space ON space_assignments (space_id, assigned_at, id);
CREATE INDEX space_assignments_by_device ON space_assignments (device_id, assigned_at, id);

CREATE TABLE reservations (
    id           UUID PRIMARY KEY,
    space_id     UUID NOT NULL,
    community_id UUID,
    starts_at    TIMESTAMPTZ NOT NULL,
    ends_at      TIMESTAMPTZ NOT NULL,
    holder       TEXT NOT NULL,
    status       TEXT NOT NULL CHECK (status IN ('pending', 'confirmed', 'active', 'cancelled', 'expired', 'completed')),
    request_id   VARCHAR(255) ${bytewise} UNIQUE,
    metadata     JSONB NOT NULL DEFAULT '{}',
    -- when it becomes something else by itself; null: never more
    due_at       TIMESTAMPTZ,
    created_by   TEXT NOT NULL,
    created_at   TIMESTAMPTZ NOT NULL,
    updated_at   TIMESTAMPTZ NOT NULL,
    CHECK (ends_at > starts_at)
);

CREATE INDEX reservations_booked ON reservations (space_id, ends_at)
    WHERE status IN ('pending', 'confirmed', 'active');
CREATE INDEX reservations_by_space ON reservations (space_id, starts_at, id);
CREATE INDEX reservations_by_community ON reservations (community_id, starts_at, id);
CREATE INDEX reservations_by_start ON reservations (starts_at, id);
CREATE INDEX reservations_due ON reservations (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE actuations (
    id                 UUID PRIMARY KEY,
    space_id           UUID NOT NULL,
    community_id       UUID,
    trigger_type       TEXT NOT NULL CHECK (trigger_type IN
        ('sensor_uplink', 'api_reservation', 'manual_override', 'system_cleanup', 'reservation_expired')),
    trigger_source     TEXT NOT NULL,
    previous_state     TEXT NOT NULL,
    new_state          TEXT NOT NULL,
    -- queued, sending, sent (the network has it), transmitted (it left a gateway), confirmed (the display has it);
    -- none: there was nothing to send
    status             TEXT NOT NULL CHECK (status IN
        ('queued', 'sending', 'sent', 'transmitted', 'confirmed', 'failed', 'superseded', 'expired', 'none')),
    display_device_id  VARCHAR(255) ${bytewise},
    display_deveui     CHAR(16),
    -- what the display shows by this: of a display of several spaces it may be another state than the space's
    shown_state        TEXT,
    display_code       TEXT,
    fport              INTEGER,
    confirmed          BOOLEAN NOT NULL DEFAULT FALSE,
    downlink_sent      BOOLEAN NOT NULL DEFAULT FALSE,
    downlink_confirmed BOOLEAN NOT NULL DEFAULT FALSE,
    downlink_error     TEXT,
    -- of the last attempt
    queue_item_id      UUID,
    response_time_ms   BIGINT,
    retry_count        INTEGER NOT NULL DEFAULT 0,
    created_at         TIMESTAMPTZ NOT NULL,
    sent_at            TIMESTAMPTZ,
    transmitted_at     TIMESTAMPTZ,
    confirmed_at       TIMESTAMPTZ,
    ended_at           TIMESTAMPTZ,
    expires_at         TIMESTAMPTZ NOT NULL,
    -- when it is to be looked at if nothing is heard of it
    next_attempt_at    TIMESTAMPTZ,
    -- a newer one is there for its display: it is not sent again
    overtaken          BOOLEAN NOT NULL DEFAULT FALSE
);

CREATE INDEX actuations_by_space ON actuations (space_id, created_at, id);
CREATE INDEX actuations_by_community ON actuations (community_id, created_at, id);
CREATE INDEX actuations_by_trigger ON actuations (trigger_type, created_at, id);
CREATE INDEX actuations_by_time ON actuations (created_at, id);
CREATE INDEX actuations_failed ON actuations (created_at, id) WHERE status IN ('failed', 'expired');
CREATE INDEX actuations_due ON actuations (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX actuations_open_by_display ON actuations (display_device_id) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX actuations_by_display ON actuations (display_device_id, created_at, id) WHERE display_device_id IS NOT NULL;
CREATE UNIQUE INDEX actuations_by_queue_item ON actuations (queue_item_id) WHERE queue_item_id IS NOT NULL;
