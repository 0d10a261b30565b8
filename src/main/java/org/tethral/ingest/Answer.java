package org.tethral.ingest;

import java.util.List;

/// What becomes of an inbound message. It is given only when the database has committed, or will
/// never take it; while the database is away there is no answer.
public sealed interface Answer {

    /// Committed.
    ///
    /// @param sequences one per measurement of a report, in its order (of a repeated one, the
    ///   first's); of an event its place in the log; of a change of desired values their version;
    ///   of a step of a command, how many attempts there were, if it led to anything; else empty
    record Stored(List<Long> sequences) implements Answer {
        public static final Stored NOTHING_TO_NUMBER = new Stored(List.of());
    }

    record UnknownDevice() implements Answer {}

    /// No such command was ever sent to the device.
    record UnknownCommand() implements Answer {
        public static final String REASON = "no command of this id was sent to this device";
    }

    record DisabledDevice() implements Answer {}

    /// Somebody else changed the desired values first.
    record VersionIsNow(long version) implements Answer {}

    /// The database will never take it; the other messages went through.
    record Unstorable(String reason) implements Answer {}
}
