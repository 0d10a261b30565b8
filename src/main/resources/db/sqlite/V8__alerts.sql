-- What people want to be told of, how far each rule has got with each device, and the alerts that came of it.

CREATE TABLE alert_rules (
    id               TEXT PRIMARY KEY,
    name             TEXT NOT NULL,
    scope            TEXT NOT NULL CHECK (scope IN ('device', 'profile', 'community')),
    -- the device's id as it is written by people; the id of the profile or community
    scope_id         TEXT NOT NULL,
    condition        TEXT NOT NULL CHECK (condition IN ('metric', 'state', 'silence')),
    metric           TEXT,
    operator         TEXT CHECK (operator IN ('>', '>=', '<', '<=', '=', '!=')),
    threshold        REAL,
    clear_threshold  REAL,
    state            TEXT,
    for_seconds      INTEGER NOT NULL CHECK (for_seconds >= 0),
    severity         TEXT NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
    enabled          INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
    version          INTEGER NOT NULL DEFAULT 1,
    -- which version was held against what devices were when it was made
    examined_version INTEGER NOT NULL DEFAULT 0,
    created_at       INTEGER NOT NULL,
    CHECK (condition <> 'metric'
        OR (metric IS NOT NULL AND operator IS NOT NULL AND threshold IS NOT NULL AND clear_threshold IS NOT NULL)),
    CHECK (condition <> 'state' OR state IS NOT NULL)
) STRICT;

CREATE TABLE alert_watches (
    device_id    TEXT NOT NULL REFERENCES devices (device_id) ON DELETE CASCADE,
    rule_id      TEXT NOT NULL REFERENCES alert_rules (id) ON DELETE CASCADE,
    rule_version INTEGER NOT NULL,
    phase        TEXT NOT NULL CHECK (phase IN ('quiet', 'pending', 'raised', 'dismissed')),
    since        INTEGER,
    -- when it is triggered if nothing else is heard
    due_at       INTEGER,
    value        REAL,
    -- the newest data that were looked at; older ones came late
    seen_at      INTEGER,
    revision     INTEGER NOT NULL,
    PRIMARY KEY (device_id, rule_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX alert_watches_by_rule ON alert_watches (rule_id);
CREATE INDEX alert_watches_due ON alert_watches (due_at) WHERE due_at IS NOT NULL;

-- Stays when the rule or the device goes. node_id is the device.
CREATE TABLE alert_history (
    id              TEXT PRIMARY KEY,
    rule_id         TEXT NOT NULL,
    node_id         TEXT NOT NULL,
    community_id    TEXT,
    severity        TEXT NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
    value           REAL,
    message         TEXT NOT NULL,
    triggered_at    INTEGER NOT NULL,
    acknowledged_at INTEGER,
    acknowledged_by TEXT,
    acknowledgement TEXT,
    resolved_at     INTEGER,
    resolved_by     TEXT,
    resolution      TEXT
) STRICT;

CREATE UNIQUE INDEX alert_history_one_open ON alert_history (rule_id, node_id) WHERE resolved_at IS NULL;
CREATE INDEX alert_history_unresolved ON alert_history (triggered_at DESC, id DESC) WHERE resolved_at IS NULL;
CREATE INDEX alert_history_unresolved_of_community ON alert_history (community_id, triggered_at DESC, id DESC)
    WHERE resolved_at IS NULL;
CREATE INDEX alert_history_by_community ON alert_history (community_id, triggered_at DESC, id DESC);
CREATE INDEX alert_history_by_rule ON alert_history (rule_id, triggered_at DESC, id DESC);
CREATE INDEX alert_history_by_time ON alert_history (triggered_at DESC, id DESC);
CREATE INDEX alert_history_by_device ON alert_history (node_id, triggered_at DESC, id DESC);

-- Up to when each node has looked at what it committed.
CREATE TABLE alert_progress (
    node       TEXT PRIMARY KEY,
    looked_to  INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

-- Devices that behave oddly, and when that was told last: it is told again after a while only.
CREATE TABLE device_anomalies (
    device_id TEXT NOT NULL REFERENCES devices (device_id) ON DELETE CASCADE,
    kind      TEXT NOT NULL CHECK (kind IN ('flapping', 'stuck', 'silent')),
    told_at   INTEGER NOT NULL,
    PRIMARY KEY (device_id, kind)
) STRICT, WITHOUT ROWID;

-- States that a device should soon leave.
CREATE INDEX device_states_transient ON device_states (state_since)
    WHERE current_state IN ('booting', 'starting', 'connecting', 'initializing', 'calibrating', 'updating', 'rebooting', 'restarting', 'stopping');
