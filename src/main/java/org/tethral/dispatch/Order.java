package org.tethral.dispatch;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Principal;
import org.tethral.command.CommandName;
import org.tethral.command.Target;
import org.tethral.event.Priority;
import org.tethral.kernel.Value;

/// A command as somebody wants it issued. Bounds are those of [org.tethral.command.Terms].
///
/// @param payload of [org.tethral.command.Command#PAYLOAD_BYTES_MAX] at the most
/// @param by whoever is of one community reaches the devices of this one only
public record Order(
        CommandName name,
        Value payload,
        Target target,
        Priority priority,
        Duration ttl,
        Duration timeout,
        int attemptsMax,
        boolean oneWay,
        Principal by,
        @Nullable String idempotencyKey) {}
