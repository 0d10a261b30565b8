package org.tethral.dispatch;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Principal;
import org.tethral.command.CommandName;
import org.tethral.command.Target;
import org.tethral.command.Terms;
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
        @Nullable String idempotencyKey) {

    /// True: a command with those terms is what is asked for.
    boolean asks(Terms terms) {
        return terms.name().equals(name)
                && terms.priority() == priority
                && terms.expiresAt().equals(terms.createdAt().plus(ttl))
                && terms.timeout().equals(timeout)
                && terms.attemptsMax() == attemptsMax
                && terms.oneWay() == oneWay;
    }
}
