package org.tethral.space;

import java.util.Locale;
import org.tethral.account.Actor;
import org.tethral.device.DeviceId;

/// Why a space, and with it its display, changed.
///
/// @param source who or what it was: `sensor:lot-7`, `reservation:…`, `user:ann`
public record Cause(Trigger trigger, String source) {

    public enum Trigger {
        SENSOR_UPLINK,
        API_RESERVATION,
        MANUAL_OVERRIDE,
        /// The platform itself: an override ran out, another device serves the space, a display is
        /// brought up to date.
        SYSTEM_CLEANUP,
        RESERVATION_EXPIRED;

        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        public static Trigger parse(String word) {
            for (var trigger : values()) {
                if (trigger.word().equals(word)) {
                    return trigger;
                }
            }
            throw new IllegalArgumentException(
                    "no trigger '"
                            + word
                            + "': sensor_uplink, api_reservation, manual_override, system_cleanup"
                            + " or reservation_expired");
        }
    }

    public static Cause sensor(DeviceId sensor) {
        return new Cause(Trigger.SENSOR_UPLINK, "sensor:" + sensor);
    }

    public static Cause manual(Actor by) {
        return new Cause(Trigger.MANUAL_OVERRIDE, by.toString());
    }

    public static Cause cleanup(String source) {
        return new Cause(Trigger.SYSTEM_CLEANUP, source);
    }

    /// That became what it is now.
    public static Cause reservation(Reservation reservation) {
        var source = "reservation:" + reservation.id();
        return switch (reservation.status()) {
            case PENDING, CONFIRMED, ACTIVE, CANCELLED ->
                    new Cause(Trigger.API_RESERVATION, source);
            case EXPIRED, COMPLETED -> new Cause(Trigger.RESERVATION_EXPIRED, source);
        };
    }
}
