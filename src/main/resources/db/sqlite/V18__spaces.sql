-- Spaces: the sensors and displays that can serve them, where they are, who booked them, and each change of a display.
-- What keeps these tables in step with each other is in V19.

CREATE TABLE sensor_devices (
    device_id       TEXT PRIMARY KEY REFERENCES devices (device_id) ON DELETE CASCADE,
    -- null: not a LoRaWAN device
    dev_eui         TEXT UNIQUE CHECK (length(dev_eui) = 16 AND dev_eui NOT GLOB '*[^0-9A-F]*'),
    join_eui        TEXT CHECK (length(join_eui) = 16 AND join_eui NOT GLOB '*[^0-9A-F]*'),
    payload_decoder TEXT,
    application     TEXT,
    network         TEXT,
    -- the value that says whether the space is taken; null: any of the usual ones
    occupancy_field TEXT,
    created_at      INTEGER NOT NULL
) STRICT;

CREATE TABLE display_devices (
    device_id           TEXT PRIMARY KEY REFERENCES devices (device_id) ON DELETE CASCADE,
    -- null: not a LoRaWAN device, it gets its codes as commands
    dev_eui             TEXT UNIQUE CHECK (length(dev_eui) = 16 AND dev_eui NOT GLOB '*[^0-9A-F]*'),
    display_type        TEXT NOT NULL CHECK (display_type IN ('kuando_busylight', 'generic')),
    -- {"free": "0000FF6400", …}
    display_codes       TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(display_codes)),
    fport               INTEGER NOT NULL CHECK (fport BETWEEN 1 AND 223),
    confirmed_downlinks INTEGER NOT NULL DEFAULT 0 CHECK (confirmed_downlinks IN (0, 1)),
    application         TEXT,
    network             TEXT,
    -- what it is to show, whether it does already or not
    wanted_state        TEXT CHECK (wanted_state IN ('free', 'occupied', 'reserved', 'maintenance', 'unknown')),
    created_at          INTEGER NOT NULL
) STRICT;

CREATE TABLE locations (
    id           TEXT PRIMARY KEY,
    parent_id    TEXT REFERENCES locations (id),
    kind         TEXT NOT NULL CHECK (kind IN ('site', 'building', 'floor', 'zone')),
    name         TEXT NOT NULL,
    code         TEXT,
    lat          REAL,
    lon          REAL,
    community_id TEXT REFERENCES communities (id),
    created_at   INTEGER NOT NULL,
    version      INTEGER NOT NULL DEFAULT 1
) STRICT;

CREATE INDEX locations_by_parent ON locations (parent_id, name, id);
CREATE INDEX locations_by_name ON locations (name, id);
CREATE INDEX locations_by_community ON locations (community_id, name, id);

CREATE TABLE spaces (
    id                TEXT PRIMARY KEY,
    community_id      TEXT REFERENCES communities (id),
    location_id       TEXT REFERENCES locations (id),
    name              TEXT NOT NULL,
    code              TEXT NOT NULL CHECK (code <> ''),
    sensor_device_id  TEXT REFERENCES sensor_devices (device_id) ON DELETE SET NULL,
    display_device_id TEXT REFERENCES display_devices (device_id) ON DELETE SET NULL,
    -- those of the devices, kept in step by triggers
    sensor_deveui     TEXT,
    display_deveui    TEXT,
    current_state     TEXT NOT NULL DEFAULT 'unknown'
        CHECK (current_state IN ('free', 'occupied', 'reserved', 'maintenance', 'unknown')),
    sensor_state      TEXT NOT NULL DEFAULT 'unknown' CHECK (sensor_state IN ('free', 'occupied', 'unknown')),
    -- the newest that its display is known to have got
    display_state     TEXT CHECK (display_state IN ('free', 'occupied', 'reserved', 'maintenance', 'unknown')),
    state_since       INTEGER NOT NULL,
    -- of which report the sensor's state is
    sensor_at         INTEGER,
    sensor_sequence   INTEGER NOT NULL DEFAULT 0,
    -- all that the sensor reported before that was looked at
    sensor_read_to    INTEGER,
    override_state    TEXT CHECK (override_state IN ('free', 'occupied', 'reserved')),
    override_until    INTEGER,
    override_by       TEXT,
    maintenance       INTEGER NOT NULL DEFAULT 0 CHECK (maintenance IN (0, 1)),
    -- on PostgreSQL whoever books writes it, so that no two book the same space without seeing each other
    bookings          INTEGER NOT NULL DEFAULT 0,
    metadata          TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(metadata)),
    created_at        INTEGER NOT NULL,
    version           INTEGER NOT NULL DEFAULT 1
) STRICT;

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
    id              TEXT PRIMARY KEY,
    space_id        TEXT NOT NULL,
    device_id       TEXT NOT NULL,
    part            TEXT NOT NULL CHECK (part IN ('sensor', 'display')),
    assigned_at     INTEGER NOT NULL,
    unassigned_at   INTEGER,
    reason          TEXT,
    actor           TEXT NOT NULL,
    unassign_reason TEXT,
    unassigned_by   TEXT
) STRICT;

CREATE UNIQUE INDEX space_assignments_open ON space_assignments (space_id, part) WHERE unassigned_at IS NULL;
CREATE INDEX space_assignments_by_space ON space_assignments (space_id, assigned_at, id);
CREATE INDEX space_assignments_by_device ON space_assignments (device_id, assigned_at, id);

CREATE TABLE reservations (
    id           TEXT PRIMARY KEY,
    space_id     TEXT NOT NULL,
    community_id TEXT,
    starts_at    INTEGER NOT NULL,
    ends_at      INTEGER NOT NULL,
    holder       TEXT NOT NULL,
    status       TEXT NOT NULL CHECK (status IN ('pending', 'confirmed', 'active', 'cancelled', 'expired', 'completed')),
    request_id   TEXT UNIQUE,
    metadata     TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(metadata)),
    -- when it becomes something else by itself; null: never more
    due_at       INTEGER,
    created_by   TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL,
    CHECK (ends_at > starts_at)
) STRICT;

CREATE INDEX reservations_booked ON reservations (space_id, ends_at)
    WHERE status IN ('pending', 'confirmed', 'active');
CREATE INDEX reservations_by_space ON reservations (space_id, starts_at, id);
CREATE INDEX reservations_by_community ON reservations (community_id, starts_at, id);
CREATE INDEX reservations_by_start ON reservations (starts_at, id);
CREATE INDEX reservations_due ON reservations (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE actuations (
    id                 TEXT PRIMARY KEY,
    space_id           TEXT NOT NULL,
    community_id       TEXT,
    trigger_type       TEXT NOT NULL CHECK (trigger_type IN
        ('sensor_uplink', 'api_reservation', 'manual_override', 'system_cleanup', 'reservation_expired')),
    trigger_source     TEXT NOT NULL,
    previous_state     TEXT NOT NULL,
    new_state          TEXT NOT NULL,
    -- queued, sending, sent (the network has it), transmitted (it left a gateway), confirmed (the display has it);
    -- none: there was nothing to send
    status             TEXT NOT NULL CHECK (status IN
        ('queued', 'sending', 'sent', 'transmitted', 'confirmed', 'failed', 'superseded', 'expired', 'none')),
    display_device_id  TEXT,
    display_deveui     TEXT,
    -- what the display shows by this: of a display of several spaces it may be another state than the space's
    shown_state        TEXT,
    display_code       TEXT,
    fport              INTEGER,
    confirmed          INTEGER NOT NULL DEFAULT 0 CHECK (confirmed IN (0, 1)),
    downlink_sent      INTEGER NOT NULL DEFAULT 0 CHECK (downlink_sent IN (0, 1)),
    downlink_confirmed INTEGER NOT NULL DEFAULT 0 CHECK (downlink_confirmed IN (0, 1)),
    downlink_error     TEXT,
    -- of the last attempt
    queue_item_id      TEXT,
    response_time_ms   INTEGER,
    retry_count        INTEGER NOT NULL DEFAULT 0,
    created_at         INTEGER NOT NULL,
    sent_at            INTEGER,
    transmitted_at     INTEGER,
    confirmed_at       INTEGER,
    ended_at           INTEGER,
    expires_at         INTEGER NOT NULL,
    -- when it is to be looked at if nothing is heard of it
    next_attempt_at    INTEGER,
    -- a newer one is there for its display: it is not sent again
    overtaken          INTEGER NOT NULL DEFAULT 0 CHECK (overtaken IN (0, 1))
) STRICT;

CREATE INDEX actuations_by_space ON actuations (space_id, created_at, id);
CREATE INDEX actuations_by_community ON actuations (community_id, created_at, id);
CREATE INDEX actuations_by_trigger ON actuations (trigger_type, created_at, id);
CREATE INDEX actuations_by_time ON actuations (created_at, id);
CREATE INDEX actuations_failed ON actuations (created_at, id) WHERE status IN ('failed', 'expired');
CREATE INDEX actuations_due ON actuations (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX actuations_open_by_display ON actuations (display_device_id) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX actuations_by_display ON actuations (display_device_id, created_at, id) WHERE display_device_id IS NOT NULL;
CREATE UNIQUE INDEX actuations_by_queue_item ON actuations (queue_item_id) WHERE queue_item_id IS NOT NULL;
