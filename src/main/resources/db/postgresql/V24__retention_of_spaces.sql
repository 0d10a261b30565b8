-- What displays were told, and reservations that are over, are kept for a time as well.

-- as PostgreSQL names it, and as CockroachDB does
ALTER TABLE retention DROP CONSTRAINT IF EXISTS retention_kept_check;
ALTER TABLE retention DROP CONSTRAINT IF EXISTS check_kept;

ALTER TABLE retention ADD CONSTRAINT retention_kept_known CHECK (kept IN
        ('snapshots', 'rollups', 'events', 'connections', 'state_changes', 'commands', 'alerts', 'actuations', 'reservations',
         'message_ids'));
