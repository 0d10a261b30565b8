-- Lists of devices. While this runs no server does: SQLite has one process.
-- To take them away again: db/undo/sqlite/V16__lists.sql.

-- A community's devices of one status, in the order of their ids.
CREATE INDEX IF NOT EXISTS devices_by_community_status ON devices (community_id, status, device_id);

-- Of a customer, of a distributor: few devices have one.
CREATE INDEX IF NOT EXISTS devices_by_customer ON devices (customer_id, device_id) WHERE customer_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS devices_by_distributor ON devices (distributor_id, device_id) WHERE distributor_id IS NOT NULL;

-- Open alerts are counted without looking at them: for that SQLite wants each column that is asked for in the index.
DROP INDEX IF EXISTS alert_history_open_counts;
CREATE INDEX IF NOT EXISTS alert_history_open_counts ON alert_history (community_id, severity, resolved_at) WHERE resolved_at IS NULL;
