-- Partitioned by month, so that retention drops partitions instead of deleting rows. The program makes the months to
-- come; what lies before or after them (late data, clocks that are wrong) is kept in the default partition.
CREATE TABLE device_state_snapshots (
    device_id  VARCHAR(255) NOT NULL,
    timestamp  TIMESTAMPTZ NOT NULL,
    sequence   BIGINT NOT NULL,
    state_data JSONB NOT NULL,
    message_id VARCHAR(255),
    PRIMARY KEY (device_id, timestamp, sequence)
) PARTITION BY RANGE (timestamp);

CREATE TABLE device_state_snapshots_default PARTITION OF device_state_snapshots DEFAULT;

-- Rows lie in the order in which they came: finds those above a sequence after a crash, for next to no cost in writing.
CREATE INDEX device_state_snapshots_by_sequence ON device_state_snapshots USING brin (sequence);
