-- How long things are kept: what a profile says otherwise for its devices, in days, {"snapshots": 30}; and how far the
-- sweeps that remove what is older have come.

ALTER TABLE device_profiles ADD COLUMN retention TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(retention));

CREATE TABLE retention (
    kept           TEXT PRIMARY KEY CHECK (kept IN
        ('snapshots', 'rollups', 'events', 'connections', 'state_changes', 'commands', 'alerts', 'message_ids')),
    -- what is older may be gone
    removed_before INTEGER,
    -- rows in all
    removed        INTEGER NOT NULL DEFAULT 0,
    ran_at         INTEGER,
    -- the node that is at it
    node           TEXT,
    lease_until    INTEGER
) STRICT;
