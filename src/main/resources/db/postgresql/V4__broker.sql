-- What the MQTT broker keeps of its clients. Sessions belong to the node that serves them.

CREATE TABLE mqtt_sessions (
    session_id   UUID PRIMARY KEY,
    node         TEXT NOT NULL,
    -- device:…, api_key:… or open:…
    owner        TEXT NOT NULL,
    client_id    TEXT NOT NULL,
    expiry_s     BIGINT NOT NULL,
    -- since when its client is away; NULL: it is there, or was when the server ended
    left_at      TIMESTAMPTZ,
    will_topic   TEXT,
    will_payload BYTEA,
    will         JSONB
);

CREATE INDEX mqtt_sessions_by_node ON mqtt_sessions (node);

CREATE TABLE mqtt_subscriptions (
    session_id          UUID NOT NULL,
    filter              TEXT NOT NULL,
    qos                 SMALLINT NOT NULL CHECK (qos BETWEEN 0 AND 2),
    no_local            BOOLEAN NOT NULL,
    retain_as_published BOOLEAN NOT NULL,
    identifier          INTEGER NOT NULL,
    PRIMARY KEY (session_id, filter)
);

CREATE TABLE mqtt_queue (
    session_id   UUID NOT NULL,
    position     BIGINT NOT NULL,
    topic        TEXT NOT NULL,
    payload      BYTEA NOT NULL,
    qos          SMALLINT NOT NULL CHECK (qos IN (1, 2)),
    retained     BOOLEAN NOT NULL,
    properties   JSONB NOT NULL DEFAULT '{}',
    identifiers  JSONB NOT NULL DEFAULT '[]',
    published_at TIMESTAMPTZ NOT NULL,
    expires_at   TIMESTAMPTZ,
    received     BOOLEAN NOT NULL,
    PRIMARY KEY (session_id, position)
);

CREATE TABLE mqtt_received_ids (
    session_id UUID NOT NULL,
    packet_id  INTEGER NOT NULL,
    PRIMARY KEY (session_id, packet_id)
);

CREATE TABLE mqtt_retained (
    node         TEXT NOT NULL,
    topic        TEXT NOT NULL,
    payload      BYTEA NOT NULL,
    qos          SMALLINT NOT NULL CHECK (qos BETWEEN 0 AND 2),
    properties   JSONB NOT NULL DEFAULT '{}',
    published_at TIMESTAMPTZ NOT NULL,
    expires_at   TIMESTAMPTZ,
    PRIMARY KEY (node, topic)
);
