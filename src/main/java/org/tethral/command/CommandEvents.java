package org.tethral.command;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;
import org.tethral.account.CommunityId;
import org.tethral.device.DeviceId;
import org.tethral.event.Event;
import org.tethral.event.EventType;
import org.tethral.event.Priority;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// The events that tell of commands: `command.issued` once for each command, and for each of its
/// devices one of `command.completed`, `command.failed` and `command.cancelled`.
public final class CommandEvents {

    private CommandEvents() {}

    /// About the device, where it is for one.
    public static Event issued(Command command) {
        var data =
                named(command.id(), command.terms())
                        .with("target_device_count", Value.of(command.targetCount()));
        return tell(
                "command.issued",
                command.issuedBy(),
                command.target() instanceof Target.One(var device) ? device : null,
                command.terms().community(),
                command.terms().createdAt(),
                data,
                command.terms().priority());
    }

    /// @param dispatch in a final stage
    public static Event ended(Dispatch dispatch, @Nullable CommunityId community, Instant at) {
        var stage = dispatch.stage();
        var data =
                named(dispatch.command(), dispatch.terms())
                        .with("status", Value.of(stage.status().word()))
                        .with("attempts", Value.of(stage.attempts()));
        return tell(
                switch (stage.status()) {
                    case ACK_SUCCESS -> "command.completed";
                    case CANCELLED -> "command.cancelled";
                    case ACK_ERROR, TIMEOUT, EXPIRED, PENDING, SENT, DELIVERED -> "command.failed";
                },
                stage instanceof Stage.Acknowledged
                        ? Actor.device(dispatch.device().value())
                        : Actor.system("commands"),
                dispatch.device(),
                community,
                at,
                data,
                dispatch.terms().priority());
    }

    private static Document named(CommandId id, Terms terms) {
        return Document.of("command_id", Value.of(id.toString()))
                .with("command_name", Value.of(terms.name().value()));
    }

    private static Event tell(
            String type,
            Actor source,
            @Nullable DeviceId device,
            @Nullable CommunityId community,
            Instant at,
            Document data,
            Priority priority) {
        return new Event(
                UUID.randomUUID().toString(),
                new EventType(type),
                source.toString(),
                device,
                community,
                at,
                data,
                Document.EMPTY,
                priority,
                null);
    }
}
