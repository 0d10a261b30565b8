package org.tethral.event;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;
import org.tethral.account.CommunityId;
import org.tethral.device.Device;
import org.tethral.device.DeviceId;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;
import org.tethral.state.StateChange;

/// The events that tell of a device's life. One place, so that the same fact is always told the
/// same way.
public final class DeviceEvents {

    private DeviceEvents() {}

    public static Event registered(Device device, Actor actor) {
        return Event.told(
                "device.registered",
                device.deviceId(),
                device.about().community(),
                actor,
                device.createdAt(),
                Document.of("name", Value.of(device.about().name())),
                Priority.NORMAL);
    }

    public static Event updated(Device device, Actor actor) {
        return Event.told(
                "device.updated",
                device.deviceId(),
                device.about().community(),
                actor,
                device.updatedAt(),
                Document.of("version", Value.of(device.version())),
                Priority.NORMAL);
    }

    public static Event moved(Device device, String from, String reason, Actor actor) {
        var data =
                Document.of("from", Value.of(from))
                        .with("to", Value.of(device.lifecycle().word()))
                        .with("reason", Value.of(reason));
        return Event.told(
                "device.lifecycle",
                device.deviceId(),
                device.about().community(),
                actor,
                device.updatedAt(),
                data,
                Priority.NORMAL);
    }

    public static Event removed(
            DeviceId device,
            @Nullable CommunityId community,
            boolean purged,
            Actor actor,
            Instant at) {
        return Event.told(
                "device.removed",
                device,
                community,
                actor,
                at,
                Document.of("purged", Value.of(purged)),
                Priority.NORMAL);
    }

    /// @param kind `connected`, `disconnected` or `timeout`
    public static Event connection(
            String kind,
            DeviceId device,
            @Nullable CommunityId community,
            String protocol,
            @Nullable String reason,
            Instant at) {
        var data = Document.of("protocol", Value.of(protocol));
        return Event.told(
                "device." + kind,
                device,
                community,
                Actor.device(device.value()),
                at,
                reason == null ? data : data.with("reason", Value.of(reason)),
                kind.equals("timeout") ? Priority.HIGH : Priority.NORMAL);
    }

    public static Event stateChanged(StateChange change, @Nullable CommunityId community) {
        var data =
                Document.of("from", Value.of(change.from().value()))
                        .with("to", Value.of(change.to().value()));
        return Event.told(
                "device.state_changed",
                change.device(),
                community,
                change.actor(),
                change.at(),
                change.reason() == null ? data : data.with("reason", Value.of(change.reason())),
                Priority.NORMAL);
    }
}
