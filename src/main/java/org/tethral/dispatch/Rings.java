package org.tethral.dispatch;

import java.util.Optional;
import org.tethral.command.CommandId;

/// What nodes say when they ring each other.
sealed interface Rings {

    record Issued(CommandId command) implements Rings {}

    record Ended(CommandId command) implements Rings {}

    static String issued(CommandId command) {
        return "issued " + command;
    }

    static String ended(CommandId command) {
        return "ended " + command;
    }

    /// Empty: of a newer program.
    static Optional<Rings> parse(String message) {
        try {
            if (message.startsWith("issued ")) {
                return Optional.of(new Issued(CommandId.parse(message.substring(7))));
            }
            if (message.startsWith("ended ")) {
                return Optional.of(new Ended(CommandId.parse(message.substring(6))));
            }
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
        return Optional.empty();
    }
}
