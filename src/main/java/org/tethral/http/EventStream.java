package org.tethral.http;

import java.time.Duration;
import java.util.List;
import org.tethral.delivery.DataFilter;
import org.tethral.event.Bell;
import org.tethral.event.Event;
import org.tethral.event.EventLog;
import org.tethral.event.LogFeed;
import org.tethral.json.Json;

/// The event log as it goes on, for who stays connected: Server-Sent Events, and the same over a
/// WebSocket. Loses nothing: a client that went away says which sequence it had last.
final class EventStream {

    static final Duration HEARTBEAT_EVERY = Duration.ofSeconds(15);

    private final EventLog events;
    private final LogFeed feed;

    EventStream(HttpEdge.Parts parts) {
        this.events = parts.stores().events();
        this.feed = parts.outbound().feed();
    }

    void on(Operations.Target operations) {
        operations.on(
                "streamEvents",
                request -> {
                    var wish = wish(request);
                    return new Reply.Streamed(
                            "text/event-stream",
                            output -> follow(wish, output, new ServerSentEvents()));
                });
    }

    /// What somebody wants to follow, and from where on.
    record Wish(long after, EventLog.Filter filter, DataFilter data) {
        boolean isFor(Event event) {
            return filter.matches(event) && data.condition().holds(event.data());
        }
    }

    /// From behind the `Last-Event-ID` (or `after`), else from now on.
    Wish wish(ApiRequest request) {
        var data = request.query("filter", DataFilter::parse);
        var after = request.query("after", Long::parseLong);
        var last =
                request.header("Last-Event-ID")
                        .map(text -> ApiRequest.parsed("Last-Event-ID", text, Long::parseLong))
                        .orElse(after);
        var extent = events.extent();
        if (last != null && last > extent.highest()) {
            throw new Refusal(
                    Problem.invalid(
                            after != null && last.equals(after) ? "after" : "Last-Event-ID",
                            last
                                    + " is in the future: the newest event has the sequence "
                                    + extent.highest()));
        }
        return new Wish(
                last == null ? extent.settled() : last,
                EventRoutes.filter(request),
                data == null ? DataFilter.NONE : data);
    }

    /// How a stream is written.
    interface Form {

        String beginning(long after);

        void append(StringBuilder text, Event.Logged logged);

        /// Empty where the connection has its own sign of life.
        String heartbeat(long after);

        /// What was appended is one piece to send; false: each event is.
        boolean joins();
    }

    private static final class ServerSentEvents implements Form {
        @Override
        public String beginning(long after) {
            return ": events after " + after + "\n\n";
        }

        @Override
        public void append(StringBuilder text, Event.Logged logged) {
            text.append("id: ")
                    .append(logged.sequence())
                    .append("\ndata: ")
                    .append(Json.write(EventJson.document(logged)))
                    .append("\n\n");
        }

        /// With its id, so that who reconnects does not read again what it skipped.
        @Override
        public String heartbeat(long after) {
            return "id: " + after + "\n: heartbeat\n\n";
        }

        @Override
        public boolean joins() {
            return true;
        }
    }

    void follow(Wish wish, Output output, Form form) throws InterruptedException {
        var bell = new Bell();
        try (var _ = feed.follow(bell::ring)) {
            var after = wish.after();
            var writtenNanos = System.nanoTime();
            output.write(form.beginning(after));
            while (true) {
                var rings = bell.rings();
                var read = feed.after(after);
                if (write(wish, read, output, form)) {
                    writtenNanos = System.nanoTime();
                }
                if (!read.isEmpty()) {
                    after = read.getLast().sequence();
                    continue;
                }
                var left = HEARTBEAT_EVERY.minusNanos(System.nanoTime() - writtenNanos);
                if (left.isPositive()) {
                    output.await(() -> {
                        bell.await(rings, left);
                        return left;
                    });
                } else {
                    output.write(form.heartbeat(after));
                    writtenNanos = System.nanoTime();
                }
            }
        }
    }

    /// True: something was written.
    private static boolean write(Wish wish, List<Event.Logged> read, Output output, Form form)
            throws InterruptedException {
        var text = new StringBuilder();
        var written = false;
        for (var logged : read) {
            if (wish.isFor(logged.event())) {
                form.append(text, logged);
                if (!form.joins()) {
                    output.write(text.toString());
                    text.setLength(0);
                    written = true;
                }
            }
        }
        if (!text.isEmpty()) {
            output.write(text.toString());
            written = true;
        }
        return written;
    }
}
