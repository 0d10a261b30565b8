-- The plan of the first call is kept for the whole session. Made while there were few devices it read all rows of
-- device_terms for each device that changed, also when there were a hundred thousand: half an hour instead of seconds.
CREATE OR REPLACE FUNCTION device_described() RETURNS TRIGGER LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        DELETE FROM device_terms WHERE term = ANY (ARRAY (SELECT device_terms_of(OLD))) AND device_id = OLD.device_id;
        DELETE FROM device_texts WHERE device_id = OLD.device_id;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO device_terms (term, device_id) SELECT device_terms_of(NEW), NEW.device_id;
        INSERT INTO device_texts (device_id, text) VALUES (NEW.device_id, NEW.device_id || chr(10) || NEW.name);
    END IF;
    RETURN NULL;
END
$$;
