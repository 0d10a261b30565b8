-- The counts say how many of the command's dispatches stand where; a commit that moves dispatches moves them. `status` and
-- `failure_count` follow from them: of a command to one device it is that device's; of a group command under way
-- `sent`, and at its end the worst there was.
CREATE TABLE command_logs (
    command_id          UUID PRIMARY KEY,
    device_type         TEXT ${bytewise},
    target              JSONB NOT NULL,
    command_name        VARCHAR(255) NOT NULL,
    payload             JSONB NOT NULL,
    priority            TEXT NOT NULL CHECK (priority IN ('low', 'normal', 'high', 'critical')),
    target_device_count INTEGER NOT NULL CHECK (target_device_count > 0),
    pending_count       INTEGER NOT NULL CHECK (pending_count >= 0),
    sent_count          INTEGER NOT NULL CHECK (sent_count >= 0),
    delivered_count     INTEGER NOT NULL CHECK (delivered_count >= 0),
    success_count       INTEGER NOT NULL CHECK (success_count >= 0),
    error_count         INTEGER NOT NULL CHECK (error_count >= 0),
    timeout_count       INTEGER NOT NULL CHECK (timeout_count >= 0),
    expired_count       INTEGER NOT NULL CHECK (expired_count >= 0),
    cancelled_count     INTEGER NOT NULL CHECK (cancelled_count >= 0),
    failure_count       INTEGER GENERATED ALWAYS AS (error_count + timeout_count + expired_count) STORED,
    status              TEXT GENERATED ALWAYS AS (CASE
        WHEN pending_count = target_device_count THEN 'pending'
        WHEN pending_count + sent_count > 0 THEN 'sent'
        WHEN delivered_count > 0 THEN 'delivered'
        WHEN error_count > 0 THEN 'ack_error'
        WHEN timeout_count > 0 THEN 'timeout'
        WHEN expired_count > 0 THEN 'expired'
        WHEN cancelled_count > 0 THEN 'cancelled'
        ELSE 'ack_success' END) STORED,
    issued_by           TEXT NOT NULL,
    idempotency_key     VARCHAR(255),
    community_id        UUID,
    created_at          TIMESTAMPTZ NOT NULL,
    expires_at          TIMESTAMPTZ NOT NULL,
    completed_at        TIMESTAMPTZ,
    timeout_ms          BIGINT NOT NULL,
    max_attempts        INTEGER NOT NULL,
    one_way             BOOLEAN NOT NULL,
    -- where it was issued, and somebody may wait for its end
    node                TEXT NOT NULL,
    CHECK (pending_count + sent_count + delivered_count + success_count + error_count + timeout_count + expired_count
        + cancelled_count = target_device_count)
);

-- Ids rise with time: newest first is the highest id first.
CREATE UNIQUE INDEX command_logs_by_key ON command_logs (issued_by, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX command_logs_by_status ON command_logs (status, command_id);
CREATE INDEX command_logs_by_type ON command_logs (device_type, command_id);
CREATE INDEX command_logs_by_community ON command_logs (community_id, command_id);

-- A command to very many devices is written in parts, its row in command_logs with the last one: until then nothing of
-- it is sent, and if the last one never comes the parts are cleared away.
CREATE TABLE command_dispatches (
    command_id       UUID NOT NULL,
    device_id        VARCHAR(255) ${bytewise} NOT NULL,
    status           TEXT NOT NULL CHECK (status IN
        ('pending', 'sent', 'delivered', 'ack_success', 'ack_error', 'timeout', 'expired', 'cancelled')),
    attempts         INTEGER NOT NULL,
    -- of the priority: 0 low to 3 critical
    rank             SMALLINT NOT NULL,
    expires_at       TIMESTAMPTZ NOT NULL,
    -- when time alone changes something: the next attempt, the deadline of this one, the expiry
    next_attempt_at  TIMESTAMPTZ,
    sent_at          TIMESTAMPTZ,
    delivered_at     TIMESTAMPTZ,
    acked_at         TIMESTAMPTZ,
    ended_at         TIMESTAMPTZ,
    -- the device's answer; beside `timeout`, `expired` and `cancelled` one that came late
    answer           TEXT CHECK (answer IN ('success', 'error')),
    response         JSONB,
    message          TEXT,
    error            TEXT,
    response_time_ms BIGINT,
    cancelled_by     TEXT,
    -- that sends it
    node             TEXT,
    revision         BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (command_id, device_id),
    CHECK ((next_attempt_at IS NULL) = (ended_at IS NOT NULL))
);

CREATE INDEX command_dispatches_due ON command_dispatches (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX command_dispatches_waiting ON command_dispatches (device_id, rank DESC, command_id) WHERE status = 'pending';
CREATE INDEX command_dispatches_claimed ON command_dispatches (node) WHERE status = 'sent';
CREATE INDEX command_dispatches_by_device ON command_dispatches (device_id, command_id);
CREATE INDEX command_dispatches_by_status ON command_dispatches (command_id, status, device_id);

-- The nodes that share the database. One whose count does not rise any more has died.
CREATE TABLE nodes (
    node       TEXT PRIMARY KEY,
    beats      BIGINT NOT NULL,
    started_at TIMESTAMPTZ NOT NULL,
    beat_at    TIMESTAMPTZ NOT NULL
);
