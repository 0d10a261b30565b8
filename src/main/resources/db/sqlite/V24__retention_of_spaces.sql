-- What displays were told, and reservations that are over, are kept for a time as well.

CREATE TABLE retention_of_all (
    kept           TEXT PRIMARY KEY CHECK (kept IN
        ('snapshots', 'rollups', 'events', 'connections', 'state_changes', 'commands', 'alerts', 'actuations', 'reservations',
         'message_ids')),
    -- what is older may be gone
    removed_before INTEGER,
    -- rows in all
    removed        INTEGER NOT NULL DEFAULT 0,
    ran_at         INTEGER,
    -- the node that is at it
    node           TEXT,
    lease_until    INTEGER
) STRICT;

INSERT INTO retention_of_all (kept, removed_before, removed, ran_at, node, lease_until)
SELECT kept, removed_before, removed, ran_at, node, lease_until FROM retention;

DROP TABLE retention;
ALTER TABLE retention_of_all RENAME TO retention;
