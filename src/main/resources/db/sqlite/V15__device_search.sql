-- Devices by what is said of them: a capability, a name in the metadata, a text under such a name. One row for each, in the
-- order of device ids, so that a page of a list is read as it lies here. Triggers keep it in step with `devices`.
CREATE TABLE device_terms (
    term      TEXT NOT NULL,
    device_id TEXT NOT NULL,
    PRIMARY KEY (term, device_id)
) STRICT, WITHOUT ROWID;

-- What people search through: the id and the name of each device, and the parts of three letters in it.
-- Its numbers stay when the file is compacted, which those of `devices` need not.
CREATE TABLE device_texts (
    number    INTEGER PRIMARY KEY,
    device_id TEXT NOT NULL UNIQUE,
    text      TEXT NOT NULL
) STRICT;

CREATE VIRTUAL TABLE device_text_search USING fts5(text, content = 'device_texts', content_rowid = 'number', tokenize = 'trigram');

CREATE TRIGGER device_text_comes AFTER INSERT ON device_texts BEGIN
    INSERT INTO device_text_search (rowid, text) VALUES (NEW.number, NEW.text);
END;

CREATE TRIGGER device_text_changes AFTER UPDATE OF text ON device_texts BEGIN
    INSERT INTO device_text_search (device_text_search, rowid, text) VALUES ('delete', OLD.number, OLD.text);
    INSERT INTO device_text_search (rowid, text) VALUES (NEW.number, NEW.text);
END;

CREATE TRIGGER device_text_goes AFTER DELETE ON device_texts BEGIN
    INSERT INTO device_text_search (device_text_search, rowid, text) VALUES ('delete', OLD.number, OLD.text);
END;

CREATE TRIGGER device_comes AFTER INSERT ON devices BEGIN
    INSERT INTO device_terms (term, device_id)
    SELECT substr('capability=' || value, 1, 255), NEW.device_id FROM json_each(NEW.capabilities)
    UNION
    SELECT substr('metadata.' || key, 1, 255), NEW.device_id FROM json_each(NEW.metadata)
    UNION
    SELECT substr('metadata.' || key || '=' || value, 1, 255), NEW.device_id FROM json_each(NEW.metadata) WHERE type = 'text';
    INSERT INTO device_texts (device_id, text) VALUES (NEW.device_id, NEW.device_id || char(10) || NEW.name);
END;

CREATE TRIGGER device_goes AFTER DELETE ON devices BEGIN
    DELETE FROM device_terms WHERE device_id = OLD.device_id AND term IN (
        SELECT substr('capability=' || value, 1, 255) FROM json_each(OLD.capabilities)
        UNION
        SELECT substr('metadata.' || key, 1, 255) FROM json_each(OLD.metadata)
        UNION
        SELECT substr('metadata.' || key || '=' || value, 1, 255) FROM json_each(OLD.metadata) WHERE type = 'text');
    DELETE FROM device_texts WHERE device_id = OLD.device_id;
END;

CREATE TRIGGER device_is_described AFTER UPDATE OF capabilities, metadata ON devices
WHEN OLD.capabilities <> NEW.capabilities OR OLD.metadata <> NEW.metadata
BEGIN
    DELETE FROM device_terms WHERE device_id = OLD.device_id AND term IN (
        SELECT substr('capability=' || value, 1, 255) FROM json_each(OLD.capabilities)
        UNION
        SELECT substr('metadata.' || key, 1, 255) FROM json_each(OLD.metadata)
        UNION
        SELECT substr('metadata.' || key || '=' || value, 1, 255) FROM json_each(OLD.metadata) WHERE type = 'text');
    INSERT INTO device_terms (term, device_id)
    SELECT substr('capability=' || value, 1, 255), NEW.device_id FROM json_each(NEW.capabilities)
    UNION
    SELECT substr('metadata.' || key, 1, 255), NEW.device_id FROM json_each(NEW.metadata)
    UNION
    SELECT substr('metadata.' || key || '=' || value, 1, 255), NEW.device_id FROM json_each(NEW.metadata) WHERE type = 'text';
END;

CREATE TRIGGER device_is_named AFTER UPDATE OF name ON devices WHEN OLD.name <> NEW.name BEGIN
    UPDATE device_texts SET text = NEW.device_id || char(10) || NEW.name WHERE device_id = OLD.device_id;
END;

INSERT INTO device_terms (term, device_id)
SELECT substr('capability=' || c.value, 1, 255), d.device_id FROM devices d, json_each(d.capabilities) AS c
UNION
SELECT substr('metadata.' || m.key, 1, 255), d.device_id FROM devices d, json_each(d.metadata) AS m
UNION
SELECT substr('metadata.' || m.key || '=' || m.value, 1, 255), d.device_id FROM devices d, json_each(d.metadata) AS m WHERE m.type = 'text';

INSERT INTO device_texts (device_id, text) SELECT device_id, device_id || char(10) || name FROM devices;
