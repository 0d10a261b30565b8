-- What keeps the tables of spaces in step, whoever writes to them.

-- A space has the DevEUIs of its devices.
CREATE TRIGGER spaces_deveui_comes AFTER INSERT ON spaces BEGIN
    UPDATE spaces
    SET sensor_deveui = (SELECT dev_eui FROM sensor_devices WHERE device_id = NEW.sensor_device_id),
        display_deveui = (SELECT dev_eui FROM display_devices WHERE device_id = NEW.display_device_id)
    WHERE id = NEW.id;
END;

CREATE TRIGGER spaces_deveui_changes
AFTER UPDATE OF sensor_device_id, display_device_id, sensor_deveui, display_deveui ON spaces BEGIN
    UPDATE spaces
    SET sensor_deveui = (SELECT dev_eui FROM sensor_devices WHERE device_id = NEW.sensor_device_id),
        display_deveui = (SELECT dev_eui FROM display_devices WHERE device_id = NEW.display_device_id)
    WHERE id = NEW.id;
END;

CREATE TRIGGER sensor_deveui_changes AFTER UPDATE OF dev_eui ON sensor_devices BEGIN
    UPDATE spaces SET sensor_deveui = NEW.dev_eui WHERE sensor_device_id = NEW.device_id;
END;

CREATE TRIGGER display_deveui_changes AFTER UPDATE OF dev_eui ON display_devices BEGIN
    UPDATE spaces SET display_deveui = NEW.dev_eui WHERE display_device_id = NEW.device_id;
END;

-- A device that is gone serves nobody any more.
CREATE TRIGGER spaces_sensor_goes BEFORE DELETE ON sensor_devices BEGIN
    UPDATE spaces SET sensor_device_id = NULL, sensor_deveui = NULL WHERE sensor_device_id = OLD.device_id;
    UPDATE space_assignments
    SET unassigned_at = CAST(unixepoch('subsec') * 1000000 AS INTEGER), unassign_reason = 'removed', unassigned_by = 'system:spaces'
    WHERE device_id = OLD.device_id AND part = 'sensor' AND unassigned_at IS NULL;
END;

CREATE TRIGGER spaces_display_goes BEFORE DELETE ON display_devices BEGIN
    UPDATE spaces SET display_device_id = NULL, display_deveui = NULL WHERE display_device_id = OLD.device_id;
    UPDATE space_assignments
    SET unassigned_at = CAST(unixepoch('subsec') * 1000000 AS INTEGER), unassign_reason = 'removed', unassigned_by = 'system:spaces'
    WHERE device_id = OLD.device_id AND part = 'display' AND unassigned_at IS NULL;
END;

-- Of what is booked for a space no two overlap: from the start on, up to but without the end. There is one writer at a
-- time.
CREATE TRIGGER reservations_overlap_comes BEFORE INSERT ON reservations
WHEN NEW.status IN ('pending', 'confirmed', 'active') BEGIN
    SELECT RAISE(ABORT, 'reservations overlap')
    WHERE EXISTS (SELECT 1 FROM reservations r
                  WHERE r.space_id = NEW.space_id AND r.status IN ('pending', 'confirmed', 'active')
                      AND r.ends_at > NEW.starts_at AND r.starts_at < NEW.ends_at);
END;

CREATE TRIGGER reservations_overlap_changes BEFORE UPDATE OF space_id, starts_at, ends_at, status ON reservations
WHEN NEW.status IN ('pending', 'confirmed', 'active') BEGIN
    SELECT RAISE(ABORT, 'reservations overlap')
    WHERE EXISTS (SELECT 1 FROM reservations r
                  WHERE r.space_id = NEW.space_id AND r.status IN ('pending', 'confirmed', 'active')
                      AND r.ends_at > NEW.starts_at AND r.starts_at < NEW.ends_at AND r.id <> OLD.id);
END;
