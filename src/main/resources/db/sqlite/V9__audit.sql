-- Who did which administrative act, and how its object was before and after. Rows are only added.

CREATE TABLE audit_logs (
    id             TEXT PRIMARY KEY,
    timestamp      INTEGER NOT NULL,
    actor          TEXT NOT NULL,
    actor_kind     TEXT NOT NULL,
    action         TEXT NOT NULL,
    object_kind    TEXT NOT NULL,
    object_id      TEXT NOT NULL,
    -- without a reference: the row outlives the community
    community_id   TEXT,
    before         TEXT CHECK (json_valid(before)),
    after          TEXT CHECK (json_valid(after)),
    remote_address TEXT
) STRICT;

CREATE INDEX audit_logs_by_time ON audit_logs (timestamp DESC, id DESC);
CREATE INDEX audit_logs_by_actor ON audit_logs (actor, actor_kind, timestamp DESC, id DESC);
CREATE INDEX audit_logs_by_object ON audit_logs (object_id, object_kind, timestamp DESC, id DESC);
CREATE INDEX audit_logs_by_action ON audit_logs (action, timestamp DESC, id DESC);
CREATE INDEX audit_logs_by_community ON audit_logs (community_id, timestamp DESC, id DESC);
