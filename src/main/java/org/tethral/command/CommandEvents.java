package org.tethral.command;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;
import org.tethral.account.CommunityId;
import org.tethral.event.Event;
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
        return Event.told(
                "command.issued",
                command.target() instanceof Target.One(var device) ? device : null,
                command.terms().community(),
                command.issuedBy(),
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
        return Event.told(
                switch (stage.status()) {
                    case ACK_SUCCESS -> "command.completed";
                    case CANCELLED -> "command.cancelled";
                    case ACK_ERROR, TIMEOUT, EXPIRED, PENDING, SENT, DELIVERED -> "command.failed";
                },
                dispatch.device(),
                community,
                stage instanceof Stage.Acknowledged
                        ? Actor.device(dispatch.device().value())
                        : Actor.system("commands"),
                at,
                data,
                dispatch.terms().priority());
    }

    private static Document named(CommandId id, Terms terms) {
        return Document.of("command_id", Value.of(id.toString()))
                .with("command_name", Value.of(terms.name().value()));
    }
}
