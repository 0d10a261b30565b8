package org.tethral.ingest;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;
import org.tethral.command.CommandId;
import org.tethral.command.DispatchStep;
import org.tethral.device.ConnectingDevice;
import org.tethral.device.Link;
import org.tethral.device.MessageId;
import org.tethral.event.Event;
import org.tethral.kernel.Document;
import org.tethral.state.StateName;

/// What an authenticated device (or, of a device, a person) hands over. Parsed and checked: past
/// this type nothing malformed exists.
public sealed interface Inbound {

    ConnectingDevice device();

    Instant receivedAt();

    /// Values, one measurement or several, stored together or not at all.
    ///
    /// @param order whether they are what the device reports now; if not, they are kept, but are no
    ///   sign of life
    record Report(
            ConnectingDevice device,
            Instant receivedAt,
            List<Measurement> measurements,
            Order order)
            implements Inbound {

        public static final int MEASUREMENTS_MAX = 1_000;

        public Report {
            measurements = List.copyOf(measurements);
            if (measurements.isEmpty() || measurements.size() > MEASUREMENTS_MAX) {
                throw new IllegalArgumentException(
                        "a report has 1 to " + MEASUREMENTS_MAX + " measurements");
            }
        }

        public Report(ConnectingDevice device, Instant receivedAt, List<Measurement> measurements) {
            this(device, receivedAt, measurements, Order.Arrival.INSTANCE);
        }

        /// @param reported what is known of the device
        boolean isNewest(Document reported) {
            return switch (order) {
                case Order.Arrival _ -> true;
                case Order.History _ -> false;
                case Order.ByTime(var name) ->
                        reported.text(name)
                                .flatMap(Report::time)
                                .map(known -> !receivedAt.isBefore(known))
                                .orElse(true);
            };
        }

        private static Optional<Instant> time(String text) {
            try {
                return Optional.of(Instant.parse(text));
            } catch (DateTimeException e) {
                return Optional.empty(); // the device has a value of that name for itself
            }
        }
    }

    /// What a report is to those that came before it.
    sealed interface Order {

        /// It came last, so it is the newest.
        enum Arrival implements Order {
            INSTANCE
        }

        /// It is of before what is known of the device.
        enum History implements Order {
            INSTANCE
        }

        /// It may have been overtaken on its way: it is the newest unless the device reported,
        /// under this name, a time after the one at which this was received. So its values are to
        /// have that time, as ISO 8601 in UTC.
        record ByTime(String name) implements Order {}
    }

    /// @param timestamp the device's own, else when it arrived
    record Measurement(Instant timestamp, @Nullable MessageId messageId, Document values) {
        public Measurement {
            if (timestamp.isBefore(TIMESTAMP_MIN) || !timestamp.isBefore(TIMESTAMP_MAX)) {
                throw new IllegalArgumentException(
                        "timestamp must lie between " + TIMESTAMP_MIN + " and " + TIMESTAMP_MAX);
            }
        }
    }

    /// The times that a device may give; others come from a clock that was never set, or from
    /// seconds read as milliseconds.
    Instant TIMESTAMP_MIN = Instant.parse("1970-01-01T00:00:00Z");

    Instant TIMESTAMP_MAX = Instant.parse("2200-01-01T00:00:00Z");

    record StateReport(
            ConnectingDevice device,
            Instant receivedAt,
            StateName state,
            @Nullable String reason,
            Actor actor)
            implements Inbound {}

    record EventReport(ConnectingDevice device, Instant receivedAt, Event event)
            implements Inbound {}

    /// What others tell of the device: no sign of life of it.
    record Noticed(ConnectingDevice device, Instant receivedAt, Event event) implements Inbound {}

    /// A sign of life: a ping, a heartbeat frame.
    record Heartbeat(ConnectingDevice device, Instant receivedAt) implements Inbound {}

    record Connected(ConnectingDevice device, Instant receivedAt, Link link) implements Inbound {}

    /// @param timedOut it was not closed: nothing was heard any more
    record Disconnected(
            ConnectingDevice device, Instant receivedAt, Link link, boolean timedOut, String reason)
            implements Inbound {}

    /// No sign of life from a device without an open connection on this node.
    record Silent(ConnectingDevice device, Instant receivedAt) implements Inbound {}

    /// A merge patch of the desired values. Refused when their version is no longer the expected
    /// one (null: any).
    record Desire(
            ConnectingDevice device,
            Instant receivedAt,
            Document patch,
            @Nullable Long expectedVersion,
            Actor actor)
            implements Inbound {}

    /// A step of a command on its way to the device: its answer, or something that the platform saw
    /// or decided. Moves the dispatch as [org.tethral.command.Dispatch#after] says.
    record CommandStep(
            ConnectingDevice device, Instant receivedAt, CommandId command, DispatchStep step)
            implements Inbound {

        /// A device's own doing, not the platform's.
        boolean isAnswer() {
            return step instanceof DispatchStep.Answered;
        }
    }

    /// A merge patch of the configuration.
    record Configure(ConnectingDevice device, Instant receivedAt, Document patch, Actor actor)
            implements Inbound {}
}
