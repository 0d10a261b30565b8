package org.tethral.space;

import java.time.Instant;
import org.tethral.account.Actor;
import org.tethral.device.DeviceId;
import org.tethral.event.Event;
import org.tethral.event.Priority;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// The events that tell of spaces: `space.state_changed`, `space.assigned`, `space.unassigned`;
/// `reservation.created`, `.confirmed`, `.activated`, `.completed`, `.cancelled`, `.expired`; and
/// `actuation.failed`.
public final class SpaceEvents {

    private static final Actor SPACES = Actor.system("spaces");

    private SpaceEvents() {}

    /// @param space as it is now
    public static Event changed(Space space, SpaceState from, Cause cause) {
        var data =
                named(space)
                        .with("from", Value.of(from.word()))
                        .with("to", Value.of(space.state().word()))
                        .with("trigger", Value.of(cause.trigger().word()))
                        .with("trigger_source", Value.of(cause.source()));
        return tell("space.state_changed", space, SPACES, space.stateSince(), data);
    }

    public static Event assigned(Space space, Part part, DeviceId device, Actor by, Instant at) {
        return tell("space.assigned", space, by, at, serving(space, part, device));
    }

    public static Event unassigned(Space space, Part part, DeviceId device, Actor by, Instant at) {
        return tell("space.unassigned", space, by, at, serving(space, part, device));
    }

    /// That it became what it is.
    public static Event reservation(Reservation reservation, Actor by, Instant at) {
        var data =
                Document.of("reservation_id", Value.of(reservation.id().toString()))
                        .with("space_id", Value.of(reservation.space().toString()))
                        .with("starts_at", Value.of(reservation.startsAt().toString()))
                        .with("ends_at", Value.of(reservation.endsAt().toString()))
                        .with("holder", Value.of(reservation.holder()))
                        .with("status", Value.of(reservation.status().word()));
        var type =
                switch (reservation.status()) {
                    case PENDING -> "reservation.created";
                    case CONFIRMED -> "reservation.confirmed";
                    case ACTIVE -> "reservation.activated";
                    case CANCELLED -> "reservation.cancelled";
                    case EXPIRED -> "reservation.expired";
                    case COMPLETED -> "reservation.completed";
                };
        return Event.told(type, null, reservation.community(), by, at, data, Priority.NORMAL);
    }

    /// @param actuation with an order, that failed or expired
    public static Event failed(Actuation actuation, Instant at) {
        var order = actuation.order();
        var trouble = actuation.trouble();
        var data =
                Document.of("actuation_id", Value.of(actuation.id().toString()))
                        .with("space_id", Value.of(actuation.space().toString()))
                        .with("state", Value.of(actuation.next().word()))
                        .with("attempts", Value.of(actuation.course().attempts()))
                        .with("reason", Value.of(trouble == null ? "expired" : trouble));
        return Event.told(
                "actuation.failed",
                order == null ? null : order.display(),
                actuation.community(),
                SPACES,
                at,
                data,
                Priority.HIGH);
    }

    private static Document serving(Space space, Part part, DeviceId device) {
        return named(space)
                .with("part", Value.of(part.word()))
                .with("device_id", Value.of(device.value()));
    }

    private static Document named(Space space) {
        return Document.of("space_id", Value.of(space.id().toString()))
                .with("name", Value.of(space.about().name()))
                .with("code", Value.of(space.about().code()));
    }

    private static Event tell(String type, Space space, Actor by, Instant at, Document data) {
        return Event.told(type, null, space.about().community(), by, at, data, Priority.NORMAL);
    }
}
