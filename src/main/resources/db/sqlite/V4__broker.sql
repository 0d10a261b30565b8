-- What the MQTT broker keeps of its clients. Sessions belong to the node that serves them.

CREATE TABLE mqtt_sessions (
    session_id   TEXT PRIMARY KEY,
    node         TEXT NOT NULL,
    -- device:…, api_key:… or open:…
    owner        TEXT NOT NULL,
    client_id    TEXT NOT NULL,
    expiry_s     INTEGER NOT NULL,
    -- since when its client is away; NULL: it is there, or was when the server ended
    left_at      INTEGER,
    will_topic   TEXT,
    will_payload BLOB,
    will         TEXT CHECK (json_valid(will))
) STRICT;

CREATE INDEX mqtt_sessions_by_node ON mqtt_sessions (node);

CREATE TABLE mqtt_subscriptions (
    session_id          TEXT NOT NULL,
    filter              TEXT NOT NULL,
    qos                 INTEGER NOT NULL CHECK (qos BETWEEN 0 AND 2),
    no_local            INTEGER NOT NULL CHECK (no_local IN (0, 1)),
    retain_as_published INTEGER NOT NULL CHECK (retain_as_published IN (0, 1)),
    identifier          INTEGER NOT NULL,
    PRIMARY KEY (session_id, filter)
) STRICT, WITHOUT ROWID;

CREATE TABLE mqtt_queue (
    session_id   TEXT NOT NULL,
    position     INTEGER NOT NULL,
    topic        TEXT NOT NULL,
    payload      BLOB NOT NULL,
    qos          INTEGER NOT NULL CHECK (qos IN (1, 2)),
    retained     INTEGER NOT NULL CHECK (retained IN (0, 1)),
    properties   TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(properties)),
    identifiers  TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(identifiers)),
    published_at INTEGER NOT NULL,
    expires_at   INTEGER,
    received     INTEGER NOT NULL CHECK (received IN (0, 1)),
    PRIMARY KEY (session_id, position)
) STRICT;

CREATE TABLE mqtt_received_ids (
    session_id TEXT NOT NULL,
    packet_id  INTEGER NOT NULL,
    PRIMARY KEY (session_id, packet_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE mqtt_retained (
    node         TEXT NOT NULL,
    topic        TEXT NOT NULL,
    payload      BLOB NOT NULL,
    qos          INTEGER NOT NULL CHECK (qos BETWEEN 0 AND 2),
    properties   TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(properties)),
    published_at INTEGER NOT NULL,
    expires_at   INTEGER,
    PRIMARY KEY (node, topic)
) STRICT;
