-- What LoRaWAN devices sent before anybody registered them: applied when somebody does.

CREATE TABLE inbox_messages (
    -- a DevEUI, as in the inbox
    identity     TEXT NOT NULL,
    message_id   TEXT NOT NULL,
    received_at  INTEGER NOT NULL,
    -- on whose behalf it was brought; null: by the platform's own connection
    community_id TEXT REFERENCES communities (id) ON DELETE CASCADE,
    -- what can read it: network server and event
    kind         TEXT NOT NULL,
    body         BLOB NOT NULL,
    PRIMARY KEY (identity, message_id)
) STRICT;

CREATE INDEX inbox_messages_in_order ON inbox_messages (received_at, identity, message_id);
