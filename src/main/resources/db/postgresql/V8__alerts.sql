-- What people want to be told of, how far each rule has got with each device, and the alerts that came of it.

CREATE TABLE alert_rules (
    id               UUID PRIMARY KEY,
    name             VARCHAR(255) NOT NULL,
    scope            VARCHAR(16) NOT NULL CHECK (scope IN ('device', 'profile', 'community')),
    -- the device's id as it is written by people; the id of the profile or community
    scope_id         VARCHAR(255) NOT NULL,
    condition        VARCHAR(16) NOT NULL CHECK (condition IN ('metric', 'state', 'silence')),
    metric           VARCHAR(255),
    operator         VARCHAR(2) CHECK (operator IN ('>', '>=', '<', '<=', '=', '!=')),
    threshold        DOUBLE PRECISION,
    clear_threshold  DOUBLE PRECISION,
    state            VARCHAR(64),
    for_seconds      BIGINT NOT NULL CHECK (for_seconds >= 0),
    severity         VARCHAR(16) NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
    enabled          BOOLEAN NOT NULL DEFAULT TRUE,
    version          BIGINT NOT NULL DEFAULT 1,
    -- which version was held against what devices were when it was made
    examined_version BIGINT NOT NULL DEFAULT 0,
    created_at       TIMESTAMPTZ NOT NULL,
    CHECK (condition <> 'metric'
        OR (metric IS NOT NULL AND operator IS NOT NULL AND threshold IS NOT NULL AND clear_threshold IS NOT NULL)),
    CHECK (condition <> 'state' OR state IS NOT NULL)
);

CREATE TABLE alert_watches (
    device_id    VARCHAR(255) ${bytewise} NOT NULL REFERENCES devices (device_id) ON DELETE CASCADE,
    rule_id      UUID NOT NULL REFERENCES alert_rules (id) ON DELETE CASCADE,
    rule_version BIGINT NOT NULL,
    phase        VARCHAR(16) NOT NULL CHECK (phase IN ('quiet', 'pending', 'raised', 'dismissed')),
    since        TIMESTAMPTZ,
    -- when it is triggered if nothing else is heard
    due_at       TIMESTAMPTZ,
    value        DOUBLE PRECISION,
    -- the newest data that were looked at; older ones came late
    seen_at      TIMESTAMPTZ,
    revision     BIGINT NOT NULL,
    PRIMARY KEY (device_id, rule_id)
);

CREATE INDEX alert_watches_by_rule ON alert_watches (rule_id);
CREATE INDEX alert_watches_due ON alert_watches (due_at) WHERE due_at IS NOT NULL;

-- Stays when the rule or the device goes. node_id is the device.
CREATE TABLE alert_history (
    id              UUID PRIMARY KEY,
    rule_id         UUID NOT NULL,
    node_id         VARCHAR(255) ${bytewise} NOT NULL,
    community_id    UUID,
    severity        VARCHAR(16) NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
    value           DOUBLE PRECISION,
    message         VARCHAR(1000) NOT NULL,
    triggered_at    TIMESTAMPTZ NOT NULL,
    acknowledged_at TIMESTAMPTZ,
    acknowledged_by VARCHAR(300),
    acknowledgement VARCHAR(1000),
    resolved_at     TIMESTAMPTZ,
    resolved_by     VARCHAR(300),
    resolution      VARCHAR(1000)
);

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
    node       VARCHAR(255) PRIMARY KEY,
    looked_to  TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);

-- Devices that behave oddly, and when that was told last: it is told again after a while only.
CREATE TABLE device_anomalies (
    device_id VARCHAR(255) ${bytewise} NOT NULL REFERENCES devices (device_id) ON DELETE CASCADE,
    kind      VARCHAR(16) NOT NULL CHECK (kind IN ('flapping', 'stuck', 'silent')),
    told_at   TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (device_id, kind)
);

-- States that a device should soon leave.
CREATE INDEX device_states_transient ON device_states (state_since)
    WHERE current_state IN ('booting', 'starting', 'connecting', 'initializing', 'calibrating', 'updating', 'rebooting', 'restarting', 'stopping');
