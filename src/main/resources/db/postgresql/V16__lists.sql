-- Lists of devices. Built while others go on to write, outside of a transaction; what an attempt that broke off left behind
-- is no use and goes first.
-- To take them away again: db/undo/postgresql/V16__lists.sql.

-- A community's devices of one status, in the order of their ids.
DROP INDEX ${concurrently} IF EXISTS devices_by_community_status;
CREATE INDEX ${concurrently} IF NOT EXISTS devices_by_community_status ON devices (community_id, status, device_id);

-- Of a customer, of a distributor: few devices have one.
DROP INDEX ${concurrently} IF EXISTS devices_by_customer;
CREATE INDEX ${concurrently} IF NOT EXISTS devices_by_customer ON devices (customer_id, device_id) WHERE customer_id IS NOT NULL;
DROP INDEX ${concurrently} IF EXISTS devices_by_distributor;
CREATE INDEX ${concurrently} IF NOT EXISTS devices_by_distributor ON devices (distributor_id, device_id) WHERE distributor_id IS NOT NULL;
