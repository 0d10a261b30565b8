package org.tethral.command;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.tethral.kernel.Value;

/// How far a dispatch has come. The last four are final: from them nothing leads away, and the last
/// three of these only take a note of an answer that comes late.
public sealed interface Stage {

    CommandStatus status();

    /// How often the command was handed over to a transport.
    int attempts();

    /// When it was handed over last; null: never.
    @Nullable Instant sentAt();

    default boolean isFinal() {
        return status().isFinal();
    }

    /// It waits.
    ///
    /// @param due when it is tried again, if the device can be reached then; null: when the device
    ///   returns
    /// @param trouble why the attempt before did not do
    record Pending(
            int attempts, @Nullable Instant sentAt, @Nullable Instant due, @Nullable String trouble)
            implements Stage {
        @Override
        public CommandStatus status() {
            return CommandStatus.PENDING;
        }
    }

    /// A node has taken it on itself to hand it over, and does so as soon as this is durable; or a
    /// network keeps it until the device listens.
    ///
    /// @param attempts this one included
    /// @param node null: it is with a network, whatever becomes of the node that handed it over
    /// @param deadline for the answer
    record Sent(int attempts, Instant sentAt, @Nullable String node, Instant deadline)
            implements Stage {
        @Override
        public CommandStatus status() {
            return CommandStatus.SENT;
        }
    }

    /// The transport has acknowledged it: the device has it.
    ///
    /// @param node null: as of [Sent]
    record Delivered(
            int attempts, Instant sentAt, Instant at, @Nullable String node, Instant deadline)
            implements Stage {
        @Override
        public CommandStatus status() {
            return CommandStatus.DELIVERED;
        }
    }

    /// The device has answered, or, of a one-way command, has received it.
    record Acknowledged(int attempts, Instant sentAt, Reply reply) implements Stage {
        @Override
        public CommandStatus status() {
            return reply.success() ? CommandStatus.ACK_SUCCESS : CommandStatus.ACK_ERROR;
        }
    }

    /// It was sent as often as it may be, and not answered in time.
    record TimedOut(int attempts, Instant sentAt, Instant at, String trouble, @Nullable Reply late)
            implements Stage {
        @Override
        public CommandStatus status() {
            return CommandStatus.TIMEOUT;
        }
    }

    /// Its time was over while it waited.
    record Expired(int attempts, @Nullable Instant sentAt, Instant at, @Nullable Reply late)
            implements Stage {
        @Override
        public CommandStatus status() {
            return CommandStatus.EXPIRED;
        }
    }

    /// @param by who did not want it any more
    record Cancelled(
            int attempts, @Nullable Instant sentAt, Instant at, String by, @Nullable Reply late)
            implements Stage {
        @Override
        public CommandStatus status() {
            return CommandStatus.CANCELLED;
        }
    }

    /// What the device said.
    ///
    /// @param result any JSON value
    /// @param message for people
    record Reply(Instant at, boolean success, Value result, @Nullable String message) {}
}
