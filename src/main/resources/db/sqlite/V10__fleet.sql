-- What the fleet's dashboard shows, counted as it changes: reading it costs the same whether a fleet has ten devices or a
-- hundred thousand. Community 00000000-0000-0000-0000-000000000000 stands for devices of none.

-- Counts up to some moment; what changed since is in fleet_count_changes. The sum of both is exact at any time.
CREATE TABLE fleet_counts (
    community_id    TEXT PRIMARY KEY,
    devices         INTEGER NOT NULL DEFAULT 0,
    online          INTEGER NOT NULL DEFAULT 0,
    offline         INTEGER NOT NULL DEFAULT 0,
    -- devices whose health counts: heard of at least once, enabled, not decommissioned; and the sum of their scores
    rated           INTEGER NOT NULL DEFAULT 0,
    health_sum      INTEGER NOT NULL DEFAULT 0,
    open_alerts     INTEGER NOT NULL DEFAULT 0,
    critical_alerts INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Only ever added to, so that writers do not wait for each other; from time to time it is summed up into fleet_counts.
CREATE TABLE fleet_count_changes (
    id              INTEGER PRIMARY KEY,
    community_id    TEXT NOT NULL,
    devices         INTEGER NOT NULL DEFAULT 0,
    online          INTEGER NOT NULL DEFAULT 0,
    offline         INTEGER NOT NULL DEFAULT 0,
    rated           INTEGER NOT NULL DEFAULT 0,
    health_sum      INTEGER NOT NULL DEFAULT 0,
    open_alerts     INTEGER NOT NULL DEFAULT 0,
    critical_alerts INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Messages of devices that said something that is kept, per minute; a row per writer, so that none waits for another.
CREATE TABLE message_counts (
    minute       INTEGER NOT NULL,
    community_id TEXT NOT NULL,
    writer       TEXT NOT NULL,
    messages     INTEGER NOT NULL,
    PRIMARY KEY (minute, community_id, writer)
) STRICT, WITHOUT ROWID;

-- Counts everything without looking into the tables.
CREATE INDEX devices_fleet ON devices (community_id, status, enabled, lifecycle, health_score);
DROP INDEX devices_by_community_status;
CREATE INDEX alert_history_open_counts ON alert_history (community_id, severity) WHERE resolved_at IS NULL;

-- Triggers count, so that whoever writes is counted: in the same transaction, or not at all.
CREATE TRIGGER fleet_device_comes AFTER INSERT ON devices BEGIN
    INSERT INTO fleet_count_changes (community_id, devices, online, offline, rated, health_sum)
    VALUES (coalesce(NEW.community_id, '00000000-0000-0000-0000-000000000000'), 1,
            (NEW.status = 'online'), (NEW.status = 'offline'),
            (NEW.status <> 'unknown' AND NEW.enabled = 1 AND NEW.lifecycle <> 'decommissioned'),
            (NEW.status <> 'unknown' AND NEW.enabled = 1 AND NEW.lifecycle <> 'decommissioned') * NEW.health_score);
END;

CREATE TRIGGER fleet_device_goes AFTER DELETE ON devices BEGIN
    INSERT INTO fleet_count_changes (community_id, devices, online, offline, rated, health_sum)
    VALUES (coalesce(OLD.community_id, '00000000-0000-0000-0000-000000000000'), -1,
            -(OLD.status = 'online'), -(OLD.status = 'offline'),
            -(OLD.status <> 'unknown' AND OLD.enabled = 1 AND OLD.lifecycle <> 'decommissioned'),
            -(OLD.status <> 'unknown' AND OLD.enabled = 1 AND OLD.lifecycle <> 'decommissioned') * OLD.health_score);
END;

CREATE TRIGGER fleet_device_changes AFTER UPDATE OF community_id, status, enabled, lifecycle, health_score ON devices
WHEN OLD.status <> NEW.status OR OLD.enabled <> NEW.enabled OR OLD.lifecycle <> NEW.lifecycle
    OR OLD.health_score <> NEW.health_score OR OLD.community_id IS NOT NEW.community_id
BEGIN
    INSERT INTO fleet_count_changes (community_id, devices, online, offline, rated, health_sum)
    VALUES (coalesce(OLD.community_id, '00000000-0000-0000-0000-000000000000'), -1,
            -(OLD.status = 'online'), -(OLD.status = 'offline'),
            -(OLD.status <> 'unknown' AND OLD.enabled = 1 AND OLD.lifecycle <> 'decommissioned'),
            -(OLD.status <> 'unknown' AND OLD.enabled = 1 AND OLD.lifecycle <> 'decommissioned') * OLD.health_score);
    INSERT INTO fleet_count_changes (community_id, devices, online, offline, rated, health_sum)
    VALUES (coalesce(NEW.community_id, '00000000-0000-0000-0000-000000000000'), 1,
            (NEW.status = 'online'), (NEW.status = 'offline'),
            (NEW.status <> 'unknown' AND NEW.enabled = 1 AND NEW.lifecycle <> 'decommissioned'),
            (NEW.status <> 'unknown' AND NEW.enabled = 1 AND NEW.lifecycle <> 'decommissioned') * NEW.health_score);
END;

CREATE TRIGGER fleet_alert_comes AFTER INSERT ON alert_history WHEN NEW.resolved_at IS NULL BEGIN
    INSERT INTO fleet_count_changes (community_id, open_alerts, critical_alerts)
    SELECT coalesce(NEW.community_id, '00000000-0000-0000-0000-000000000000'), 1, (NEW.severity = 'critical') WHERE NEW.resolved_at IS NULL;
END;

CREATE TRIGGER fleet_alert_goes AFTER DELETE ON alert_history WHEN OLD.resolved_at IS NULL BEGIN
    INSERT INTO fleet_count_changes (community_id, open_alerts, critical_alerts)
    SELECT coalesce(OLD.community_id, '00000000-0000-0000-0000-000000000000'), -1, -(OLD.severity = 'critical') WHERE OLD.resolved_at IS NULL;
END;

CREATE TRIGGER fleet_alert_changes AFTER UPDATE OF community_id, severity, resolved_at ON alert_history
WHEN (OLD.resolved_at IS NULL) <> (NEW.resolved_at IS NULL) OR OLD.severity <> NEW.severity
    OR OLD.community_id IS NOT NEW.community_id
BEGIN
    INSERT INTO fleet_count_changes (community_id, open_alerts, critical_alerts)
    SELECT coalesce(OLD.community_id, '00000000-0000-0000-0000-000000000000'), -1, -(OLD.severity = 'critical') WHERE OLD.resolved_at IS NULL;
    INSERT INTO fleet_count_changes (community_id, open_alerts, critical_alerts)
    SELECT coalesce(NEW.community_id, '00000000-0000-0000-0000-000000000000'), 1, (NEW.severity = 'critical') WHERE NEW.resolved_at IS NULL;
END;

INSERT INTO fleet_counts (community_id, devices, online, offline, rated, health_sum)
SELECT coalesce(community_id, '00000000-0000-0000-0000-000000000000'), count(*), count(CASE WHEN status = 'online' THEN 1 END),
       count(CASE WHEN status = 'offline' THEN 1 END),
       count(CASE WHEN status <> 'unknown' AND enabled = 1 AND lifecycle <> 'decommissioned' THEN 1 END),
       coalesce(sum(CASE WHEN status <> 'unknown' AND enabled = 1 AND lifecycle <> 'decommissioned' THEN health_score END), 0)
FROM devices GROUP BY coalesce(community_id, '00000000-0000-0000-0000-000000000000');

INSERT INTO fleet_count_changes (community_id, open_alerts, critical_alerts)
SELECT coalesce(community_id, '00000000-0000-0000-0000-000000000000'), count(*), count(CASE WHEN severity = 'critical' THEN 1 END)
FROM alert_history WHERE resolved_at IS NULL GROUP BY coalesce(community_id, '00000000-0000-0000-0000-000000000000');
