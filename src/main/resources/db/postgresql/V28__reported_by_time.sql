-- Values that come late change nothing that is newer: of when the newest report is, and, by JSON Pointer, of when the
-- values are that are older, and those that were removed.

ALTER TABLE device_states
    ADD COLUMN reported_at TIMESTAMPTZ,
    ADD COLUMN reported_times JSONB NOT NULL DEFAULT '{}';
