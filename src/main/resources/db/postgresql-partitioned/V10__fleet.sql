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

-- Triggers count, so that whoever writes is counted: in the same transaction, or not at all.
CREATE FUNCTION fleet_count_device(device devices, sign INTEGER) RETURNS VOID LANGUAGE sql AS $$
    INSERT INTO fleet_count_changes (community_id, devices, online, offline, rated, health_sum)
    SELECT coalesce(device.community_id, '00000000-0000-0000-0000-000000000000'), sign,
           CASE device.status WHEN 'online' THEN sign ELSE 0 END, CASE device.status WHEN 'offline' THEN sign ELSE 0 END,
           CASE WHEN rated THEN sign ELSE 0 END, CASE WHEN rated THEN sign * device.health_score ELSE 0 END
    FROM (SELECT device.status <> 'unknown' AND device.enabled AND device.lifecycle <> 'decommissioned' AS rated) AS r
$$;

CREATE FUNCTION fleet_device_changed() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM fleet_count_device(OLD, -1);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM fleet_count_device(NEW, 1);
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER fleet_device_comes_or_goes AFTER INSERT OR DELETE ON devices
    FOR EACH ROW EXECUTE FUNCTION fleet_device_changed();

CREATE TRIGGER fleet_device_changes AFTER UPDATE ON devices
    FOR EACH ROW
    WHEN ((OLD.status, OLD.enabled, OLD.lifecycle, OLD.health_score) IS DISTINCT FROM (NEW.status, NEW.enabled, NEW.lifecycle, NEW.health_score)
        OR OLD.community_id IS DISTINCT FROM NEW.community_id)
    EXECUTE FUNCTION fleet_device_changed();

CREATE FUNCTION fleet_count_alert(alert alert_history, sign INTEGER) RETURNS VOID LANGUAGE sql AS $$
    INSERT INTO fleet_count_changes (community_id, open_alerts, critical_alerts)
    SELECT coalesce(alert.community_id, '00000000-0000-0000-0000-000000000000'), sign,
           CASE alert.severity WHEN 'critical' THEN sign ELSE 0 END
    WHERE alert.resolved_at IS NULL
$$;

CREATE FUNCTION fleet_alert_changed() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM fleet_count_alert(OLD, -1);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM fleet_count_alert(NEW, 1);
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER fleet_alert_comes AFTER INSERT ON alert_history
    FOR EACH ROW WHEN (NEW.resolved_at IS NULL) EXECUTE FUNCTION fleet_alert_changed();

CREATE TRIGGER fleet_alert_goes AFTER DELETE ON alert_history
    FOR EACH ROW WHEN (OLD.resolved_at IS NULL) EXECUTE FUNCTION fleet_alert_changed();

CREATE TRIGGER fleet_alert_changes AFTER UPDATE ON alert_history
    FOR EACH ROW
    WHEN ((OLD.resolved_at IS NULL) <> (NEW.resolved_at IS NULL) OR OLD.severity <> NEW.severity
        OR OLD.community_id IS DISTINCT FROM NEW.community_id)
    EXECUTE FUNCTION fleet_alert_changed();

-- After the triggers: while this runs, nobody else writes to these tables.
INSERT INTO fleet_counts (community_id, devices, online, offline, rated, health_sum)
SELECT coalesce(community_id, '00000000-0000-0000-0000-000000000000'::uuid), count(*), count(CASE WHEN status = 'online' THEN 1 END),
       count(CASE WHEN status = 'offline' THEN 1 END),
       count(CASE WHEN status <> 'unknown' AND enabled AND lifecycle <> 'decommissioned' THEN 1 END),
       coalesce(sum(CASE WHEN status <> 'unknown' AND enabled AND lifecycle <> 'decommissioned' THEN health_score END), 0)
FROM devices GROUP BY coalesce(community_id, '00000000-0000-0000-0000-000000000000'::uuid);

INSERT INTO fleet_count_changes (community_id, open_alerts, critical_alerts)
SELECT coalesce(community_id, '00000000-0000-0000-0000-000000000000'::uuid), count(*), count(CASE WHEN severity = 'critical' THEN 1 END)
FROM alert_history WHERE resolved_at IS NULL GROUP BY coalesce(community_id, '00000000-0000-0000-0000-000000000000'::uuid);
