-- CockroachDB spreads the rows of a table by itself; it needs no partitions, and has no BRIN indexes.
CREATE TABLE device_state_snapshots (
    device_id  VARCHAR(255) NOT NULL,
    timestamp  TIMESTAMPTZ NOT NULL,
    sequence   BIGINT NOT NULL,
    state_data JSONB NOT NULL,
    message_id VARCHAR(255),
    PRIMARY KEY (device_id, timestamp, sequence)
);

CREATE INDEX device_state_snapshots_by_sequence ON device_state_snapshots (sequence) USING HASH;
