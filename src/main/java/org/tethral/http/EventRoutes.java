package org.tethral.http;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.device.DeviceId;
import org.tethral.event.Event;
import org.tethral.event.EventLog;
import org.tethral.event.Priority;
import org.tethral.ingest.Fact;
import org.tethral.json.Json;
import org.tethral.kernel.Document;
import org.tethral.kernel.Page;
import org.tethral.kernel.Value;

/// The event log, and the stream that follows it.
final class EventRoutes {

    private static final int READ_AT_ONCE_MAX = 500;

    /// Other nodes and the registry append to the log without our ingest seeing it.
    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

    private static final Duration HEARTBEAT_EVERY = Duration.ofSeconds(15);

    private final EventLog events;
    private final Bell bell = new Bell();

    EventRoutes(HttpEdge.Parts parts) {
        this.events = parts.stores().events();
        parts.ingest()
                .listen(facts -> {
                    if (facts.stream().anyMatch(Fact.Happened.class::isInstance)) {
                        bell.ring();
                    }
                });
    }

    void on(Operations.Target operations) {
        operations.on("listEvents", this::list);
        operations.on("eventStatistics", this::statistics);
        operations.on("getEvent", this::find);
        operations.on("streamEvents", this::stream);
    }

    private Reply list(ApiRequest request) {
        return Reply.ok(
                Fields.page(events.list(filter(request), request.page()), EventRoutes::document));
    }

    private Reply statistics(ApiRequest request) {
        var statistics = events.statistics(filter(request), Duration.ofHours(1));
        return Reply.ok(
                new Fields()
                        .number("total", statistics.total())
                        .counts("by_type", statistics.byType(), word -> word)
                        .counts("by_priority", statistics.byPriority(), word -> word)
                        .document());
    }

    private Reply find(ApiRequest request) {
        var id = request.path("event_id", text -> text);
        return events.find(id)
                .<Reply>map(logged -> Reply.ok(document(logged)))
                .orElseGet(() -> Reply.of(Problem.unknown("event", id)));
    }

    /// Follows the log from the `Last-Event-ID` (or `after`), else from now on.
    private Reply stream(ApiRequest request) {
        var filter = filter(request);
        var after = request.query("after", Long::parseLong);
        var last =
                request.header("Last-Event-ID")
                        .map(text -> ApiRequest.parsed("Last-Event-ID", text, Long::parseLong))
                        .orElse(after);
        var start = last == null ? newest() : last;
        return new Reply.Streamed("text/event-stream", output -> follow(start, filter, output));
    }

    private long newest() {
        var newest = events.list(EventLog.Filter.ALL, Page.Request.first(1)).items();
        return newest.isEmpty() ? 0 : newest.getFirst().sequence();
    }

    private void follow(long start, EventLog.Filter filter, Output output)
            throws InterruptedException {
        output.write(": events after " + start + "\n\n");
        var after = start;
        var writtenNanos = System.nanoTime();
        while (true) {
            var heard = bell.rings();
            var read = events.after(after, READ_AT_ONCE_MAX);
            var text = new StringBuilder();
            for (var logged : read) {
                after = logged.sequence();
                if (filter.matches(logged.event())) {
                    text.append("id: ")
                            .append(after)
                            .append("\ndata: ")
                            .append(Json.write(document(logged)))
                            .append("\n\n");
                }
            }
            if (text.isEmpty() && System.nanoTime() - writtenNanos > HEARTBEAT_EVERY.toNanos()) {
                // with its id, so that who reconnects does not read again what it skipped
                text.append("id: ").append(after).append("\n: heartbeat\n\n");
            }
            if (!text.isEmpty()) {
                output.write(text.toString());
                writtenNanos = System.nanoTime();
            }
            if (read.size() < READ_AT_ONCE_MAX) {
                output.await(() -> bell.await(heard, LOOK_EVERY));
            }
        }
    }

    private static EventLog.Filter filter(ApiRequest request) {
        return new EventLog.Filter(
                request.query("community_id", CommunityId::parse),
                request.query("type").orElse(null),
                request.query("source").orElse(null),
                request.query("device_id", DeviceId::new),
                request.query("priority", Priority::parse),
                request.query("from", ApiRequest::time),
                request.query("to", ApiRequest::time));
    }

    private static Document document(Event.Logged logged) {
        var event = logged.event();
        return new Fields()
                .number("sequence", logged.sequence())
                .text("event_id", event.id())
                .word("type", event.type())
                .text("source", event.source())
                .word("device_id", event.device())
                .word("community_id", event.community())
                .time("timestamp", event.timestamp())
                .value("data", event.data())
                .value("metadata", event.metadata())
                .text("priority", event.priority().word())
                .value("ttl", ttl(event.ttl()))
                .document();
    }

    private static Value ttl(@Nullable Duration ttl) {
        return ttl == null ? Value.Null.NULL : Value.of(ttl.toSeconds());
    }

    /// Wakes those who wait for news, without remembering who they are.
    private static final class Bell {
        private long rings;

        synchronized void ring() {
            rings++;
            notifyAll();
        }

        synchronized long rings() {
            return rings;
        }

        /// Until it rang more often than that, or the time is over.
        synchronized long await(long heard, Duration max) throws InterruptedException {
            var end = System.nanoTime() + max.toNanos();
            for (var left = max.toNanos();
                    rings == heard && left > 0;
                    left = end - System.nanoTime()) {
                TimeUnit.NANOSECONDS.timedWait(this, left);
            }
            return rings;
        }
    }
}
