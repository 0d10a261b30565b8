-- CockroachDB has indexes of its own for this, and no triggers in all versions that are in use.
CREATE INVERTED INDEX devices_by_capabilities ON devices (capabilities);
CREATE INVERTED INDEX devices_by_metadata ON devices (metadata);
