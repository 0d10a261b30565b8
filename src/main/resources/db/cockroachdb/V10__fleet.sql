-- CockroachDB counts the fleet when it is asked: fleet_counts and fleet_count_changes stay empty.
--
-- What the fleet's dashboard shows, counted as it changes: reading it costs the same whether a fleet has ten devices or a
-- hundred thousand. Community 00000000-0000-0000-0000-000000000000 stands for devices of none.

-- Counts up to some moment; what changed since is in fleet_count_changes. The sum of both is exact at any time.
CREATE TABLE fleet_counts (
    community_id    UUID PRIMARY KEY,
    devices         BIGINT NOT NULL DEFAULT 0,
    online          BIGINT NOT NULL DEFAULT 0,
    offline         BIGINT NOT NULL DEFAULT 0,
    -- devices whose health counts: heard of at least once, enabled, not decommissioned; and the sum of their scores
    rated           BIGINT NOT NULL DEFAULT 0,
    health_sum      BIGINT NOT NULL DEFAULT 0,
    open_alerts     BIGINT NOT NULL DEFAULT 0,
    critical_alerts BIGINT NOT NULL DEFAULT 0
);

-- Only ever added to, so that writers do not wait for each other; from time to time it is summed up into fleet_counts.
CREATE TABLE fleet_count_changes (
    id              BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    community_id    UUID NOT NULL,
    devices         BIGINT NOT NULL DEFAULT 0,
    online          BIGINT NOT NULL DEFAULT 0,
    offline         BIGINT NOT NULL DEFAULT 0,
    rated           BIGINT NOT NULL DEFAULT 0,
    health_sum      BIGINT NOT NULL DEFAULT 0,
    open_alerts     BIGINT NOT NULL DEFAULT 0,
    critical_alerts BIGINT NOT NULL DEFAULT 0
);

-- Messages of devices that said something that is kept, per minute; a row per writer, so that none waits for another.
CREATE TABLE message_counts (
    minute       TIMESTAMPTZ NOT NULL,
    community_id UUID NOT NULL,
    writer       TEXT NOT NULL,
    messages     BIGINT NOT NULL,
    PRIMARY KEY (minute, community_id, writer)
);

-- Counts everything without looking into the tables.
CREATE INDEX devices_fleet ON devices (community_id, status, enabled, lifecycle, health_score);
DROP INDEX devices_by_community_status;
CREATE INDEX alert_history_open_counts ON alert_history (community_id, severity) WHERE resolved_at IS NULL;
