package org.tethral.command;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;
import org.tethral.kernel.Document;

/// A command as it was issued, without its payload, and how far it has come.
///
/// @param target as it is kept: one of `device_id`, `device_ids` (the ids, or of very many their
///   number as `device_count`), `device_type`, `profile_id`, `filter`
public record CommandLog(
        CommandId id,
        Terms terms,
        Document target,
        @Nullable String deviceType,
        Actor issuedBy,
        @Nullable String idempotencyKey,
        Progress progress,
        @Nullable Instant completedAt) {

    /// Of a command to one device, which has come that far.
    public static CommandLog of(Command command, Dispatch only) {
        return new CommandLog(
                command.id(),
                command.terms(),
                TargetDocument.of(command.target()),
                command.deviceType(),
                command.issuedBy(),
                command.idempotencyKey(),
                Progress.of(only.stage().status()),
                only.endedAt());
    }
}
