package org.tethral.space;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// How far a change has got on its way to its display.
public sealed interface Course {

    /// What is asked for in the API and kept in the database.
    String word();

    /// Attempts so far: how often it was handed to the network.
    int attempts();

    /// When it is to be looked at if nothing is heard of it; null: it has come to its end.
    @Nullable Instant nextAt();

    /// The attempt that the network knows by this id; null: there was none.
    @Nullable UUID item();

    /// It waits to be sent.
    ///
    /// @param item that of the attempt before
    /// @param trouble why that did not do
    record Queued(int attempts, Instant nextAt, @Nullable UUID item, @Nullable String trouble)
            implements Course {
        @Override
        public String word() {
            return "queued";
        }
    }

    /// A node hands it to the network.
    ///
    /// @param nextAt the node is given up by then
    record Sending(int attempts, Instant nextAt, UUID item) implements Course {
        @Override
        public String word() {
            return "sending";
        }
    }

    /// The network has it.
    record Sent(int attempts, Instant nextAt, UUID item, Instant sentAt) implements Course {
        @Override
        public String word() {
            return "sent";
        }
    }

    /// It left a gateway: the end, unless the display is to acknowledge it.
    record Transmitted(
            int attempts, @Nullable Instant nextAt, UUID item, @Nullable Instant sentAt, Instant at)
            implements Course {
        @Override
        public String word() {
            return "transmitted";
        }
    }

    /// The display has acknowledged it.
    record Confirmed(int attempts, UUID item, @Nullable Instant sentAt, Instant at)
            implements Ended {
        @Override
        public String word() {
            return "confirmed";
        }
    }

    /// It was sent as often as it may be, or will never be taken.
    record Failed(
            int attempts, @Nullable UUID item, @Nullable Instant sentAt, Instant at, String trouble)
            implements Ended {
        @Override
        public String word() {
            return "failed";
        }
    }

    /// A newer change came before the display was known to have this one.
    record Superseded(int attempts, @Nullable UUID item, @Nullable Instant sentAt, Instant at)
            implements Ended {
        @Override
        public String word() {
            return "superseded";
        }
    }

    /// It could not be sent as long as it was of use.
    record Expired(
            int attempts,
            @Nullable UUID item,
            @Nullable Instant sentAt,
            Instant at,
            @Nullable String trouble)
            implements Ended {
        @Override
        public String word() {
            return "expired";
        }
    }

    /// There was nothing to send.
    ///
    /// @param why for people; null: the space has no display
    record None(Instant at, @Nullable String why) implements Ended {
        @Override
        public String word() {
            return "none";
        }

        @Override
        public int attempts() {
            return 0;
        }

        @Override
        public @Nullable UUID item() {
            return null;
        }
    }

    /// Nothing is waited for any more.
    sealed interface Ended extends Course permits Confirmed, Failed, Superseded, Expired, None {

        Instant at();

        @Override
        default @Nullable Instant nextAt() {
            return null;
        }
    }
}
