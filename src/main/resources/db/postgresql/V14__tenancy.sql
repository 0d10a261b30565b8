-- What is asked for by community, and whose a device was that is gone.

ALTER TABLE device_connection_logs ADD COLUMN community_id UUID;
UPDATE device_connection_logs
SET community_id = (SELECT d.community_id FROM devices d WHERE d.device_id = device_connection_logs.device_id);
CREATE INDEX device_connection_logs_by_community ON device_connection_logs (community_id, timestamp, id);

CREATE INDEX events_by_community ON events (community_id, sequence);
CREATE INDEX devices_by_community ON devices (community_id, device_id);

-- Names of issuers are unique in their community only.
DROP INDEX command_logs_by_key CASCADE;
CREATE UNIQUE INDEX command_logs_by_key ON command_logs (issued_by, idempotency_key, community_id)
    WHERE idempotency_key IS NOT NULL;
CREATE UNIQUE INDEX command_logs_by_key_of_none ON command_logs (issued_by, idempotency_key)
    WHERE idempotency_key IS NOT NULL AND community_id IS NULL;

-- Devices that were removed and have left their history: their ids are not for other communities.
CREATE TABLE former_devices (
    device_id    VARCHAR(255) ${bytewise} PRIMARY KEY,
    community_id UUID,
    removed_at   TIMESTAMPTZ NOT NULL
);
