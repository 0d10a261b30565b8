-- Who did which administrative act, and how its object was before and after. Rows are only added.

CREATE TABLE audit_logs (
    id             UUID PRIMARY KEY,
    timestamp      TIMESTAMPTZ NOT NULL,
    actor          VARCHAR(300) NOT NULL,
    actor_kind     VARCHAR(32) NOT NULL,
    action         VARCHAR(64) NOT NULL,
    object_kind    VARCHAR(32) NOT NULL,
    object_id      VARCHAR(300) NOT NULL,
    -- without a reference: the row outlives the community
    community_id   UUID,
    before         JSONB,
    after          JSONB,
    remote_address VARCHAR(64)
);

CREATE INDEX audit_logs_by_time ON audit_logs (timestamp DESC, id DESC);
CREATE INDEX audit_logs_by_actor ON audit_logs (actor, actor_kind, timestamp DESC, id DESC);
CREATE INDEX audit_logs_by_object ON audit_logs (object_id, object_kind, timestamp DESC, id DESC);
CREATE INDEX audit_logs_by_action ON audit_logs (action, timestamp DESC, id DESC);
CREATE INDEX audit_logs_by_community ON audit_logs (community_id, timestamp DESC, id DESC);
