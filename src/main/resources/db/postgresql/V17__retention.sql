-- How long things are kept: what a profile says otherwise for its devices, in days, {"snapshots": 30}; and how far the
-- sweeps that remove what is older have come.

ALTER TABLE device_profiles ADD COLUMN retention JSONB NOT NULL DEFAULT '{}';

CREATE TABLE retention (
    kept           VARCHAR(16) PRIMARY KEY CHECK (kept IN
        ('snapshots', 'rollups', 'events', 'connections', 'state_changes', 'commands', 'alerts', 'message_ids')),
    -- what is older may be gone
    removed_before TIMESTAMPTZ,
    -- rows in all
    removed        BIGINT NOT NULL DEFAULT 0,
    ran_at         TIMESTAMPTZ,
    -- the node that is at it
    node           TEXT,
    lease_until    TIMESTAMPTZ
);
