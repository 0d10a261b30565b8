-- What keeps the tables of spaces in step, whoever writes to them.

-- A space has the DevEUIs of its devices. Whoever gives it a device waits for whoever changes that device's DevEUI.
CREATE FUNCTION spaces_deveui() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    NEW.sensor_deveui := NULL;
    NEW.display_deveui := NULL;
    IF NEW.sensor_device_id IS NOT NULL THEN
        SELECT dev_eui INTO NEW.sensor_deveui FROM sensor_devices WHERE device_id = NEW.sensor_device_id FOR SHARE;
    END IF;
    IF NEW.display_device_id IS NOT NULL THEN
        SELECT dev_eui INTO NEW.display_deveui FROM display_devices WHERE device_id = NEW.display_device_id FOR SHARE;
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER spaces_deveui_comes BEFORE INSERT ON spaces
    FOR EACH ROW EXECUTE FUNCTION spaces_deveui();

CREATE TRIGGER spaces_deveui_changes
    BEFORE UPDATE OF sensor_device_id, display_device_id, sensor_deveui, display_deveui ON spaces
    FOR EACH ROW EXECUTE FUNCTION spaces_deveui();

CREATE FUNCTION sensor_deveui_changed() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    UPDATE spaces SET sensor_deveui = NEW.dev_eui WHERE sensor_device_id = NEW.device_id;
    RETURN NULL;
END
$$;

CREATE TRIGGER sensor_deveui_changes AFTER UPDATE OF dev_eui ON sensor_devices
    FOR EACH ROW WHEN (OLD.dev_eui IS DISTINCT FROM NEW.dev_eui) EXECUTE FUNCTION sensor_deveui_changed();

CREATE FUNCTION display_deveui_changed() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    UPDATE spaces SET display_deveui = NEW.dev_eui WHERE display_device_id = NEW.device_id;
    RETURN NULL;
END
$$;

CREATE TRIGGER display_deveui_changes AFTER UPDATE OF dev_eui ON display_devices
    FOR EACH ROW WHEN (OLD.dev_eui IS DISTINCT FROM NEW.dev_eui) EXECUTE FUNCTION display_deveui_changed();

-- A device that is gone serves nobody any more: its spaces lose it by their foreign keys, and that is kept here.
CREATE FUNCTION space_device_gone() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    UPDATE space_assignments
    SET unassigned_at = now(), unassign_reason = 'removed', unassigned_by = 'system:spaces'
    WHERE device_id = OLD.device_id AND part = TG_ARGV[0] AND unassigned_at IS NULL;
    RETURN NULL;
END
$$;

CREATE TRIGGER spaces_sensor_goes AFTER DELETE ON sensor_devices
    FOR EACH ROW EXECUTE FUNCTION space_device_gone('sensor');

CREATE TRIGGER spaces_display_goes AFTER DELETE ON display_devices
    FOR EACH ROW EXECUTE FUNCTION space_device_gone('display');

-- Of what is booked for a space no two overlap: from the start on, up to but without the end. Whoever books writes the
-- space's row first, and so waits for others that book the same space, and sees what they booked (or, at a stricter level
-- of isolation, fails with 40001). An exclusion constraint would want the extension btree_gist, which many a role may not
-- install.
CREATE FUNCTION reservations_overlap() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    UPDATE spaces SET bookings = bookings + 1 WHERE id = NEW.space_id;
    IF EXISTS (SELECT 1 FROM reservations r
               WHERE r.space_id = NEW.space_id AND r.status IN ('pending', 'confirmed', 'active')
                   AND r.ends_at > NEW.starts_at AND r.starts_at < NEW.ends_at AND r.id <> NEW.id) THEN
        RAISE EXCEPTION 'reservations overlap' USING ERRCODE = 'exclusion_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER reservations_overlap_comes BEFORE INSERT ON reservations
    FOR EACH ROW WHEN (NEW.status IN ('pending', 'confirmed', 'active')) EXECUTE FUNCTION reservations_overlap();

CREATE TRIGGER reservations_overlap_changes BEFORE UPDATE OF id, space_id, starts_at, ends_at, status ON reservations
    FOR EACH ROW WHEN (NEW.status IN ('pending', 'confirmed', 'active')) EXECUTE FUNCTION reservations_overlap();
