-- Devices by what is said of them: a capability, a name in the metadata, a text under such a name. One row for each, in the
-- order of device ids, so that a page of a list is read as it lies here. Triggers keep it in step with `devices`.
CREATE TABLE device_terms (
    term      VARCHAR(255) COLLATE "C" NOT NULL,
    device_id VARCHAR(255) COLLATE "C" NOT NULL,
    PRIMARY KEY (term, device_id)
);

-- What people search through: the id and the name of each device, and the parts of three letters in it.
CREATE TABLE device_texts (
    device_id VARCHAR(255) COLLATE "C" PRIMARY KEY,
    text      TEXT NOT NULL
);

-- The extension pg_trgm does the same and more; but it is not on every server, and not everybody may install it.
CREATE FUNCTION text_parts(text TEXT) RETURNS TEXT[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(DISTINCT substr(folded, i, 3)), '{}')
    FROM (SELECT lower(text COLLATE "default") AS folded) AS f, generate_series(1, length(folded) - 2) AS i
$$;

CREATE FUNCTION device_terms_of(device devices) RETURNS SETOF TEXT LANGUAGE sql STABLE AS $$
    SELECT left('capability=' || capability, 255) FROM jsonb_array_elements_text(device.capabilities) AS capability
    UNION
    SELECT left('metadata.' || name, 255) FROM jsonb_object_keys(device.metadata) AS name
    UNION
    SELECT left('metadata.' || name || '=' || (value #>> '{}'), 255) FROM jsonb_each(device.metadata) AS m (name, value)
    WHERE jsonb_typeof(value) = 'string'
$$;

CREATE FUNCTION device_described() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        DELETE FROM device_terms WHERE device_id = OLD.device_id AND term IN (SELECT device_terms_of(OLD));
        DELETE FROM device_texts WHERE device_id = OLD.device_id;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO device_terms (term, device_id) SELECT device_terms_of(NEW), NEW.device_id;
        INSERT INTO device_texts (device_id, text) VALUES (NEW.device_id, NEW.device_id || chr(10) || NEW.name);
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER device_comes_or_goes AFTER INSERT OR DELETE ON devices
    FOR EACH ROW EXECUTE FUNCTION device_described();

CREATE TRIGGER device_is_described AFTER UPDATE ON devices
    FOR EACH ROW
    WHEN (OLD.device_id <> NEW.device_id OR OLD.name <> NEW.name OR OLD.capabilities <> NEW.capabilities
        OR OLD.metadata <> NEW.metadata)
    EXECUTE FUNCTION device_described();

INSERT INTO device_terms (term, device_id) SELECT device_terms_of(d), d.device_id FROM devices d;
INSERT INTO device_texts (device_id, text) SELECT device_id, device_id || chr(10) || name FROM devices;
CREATE INDEX device_texts_parts ON device_texts USING gin (text_parts(text));
