package org.tethral.http;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.device.Device;
import org.tethral.device.DeviceId;
import org.tethral.device.DeviceStore;
import org.tethral.event.Event;
import org.tethral.event.EventLog;
import org.tethral.event.EventType;
import org.tethral.event.LogFeed;
import org.tethral.event.Priority;
import org.tethral.kernel.Document;
import org.tethral.kernel.Micros;
import org.tethral.kernel.Value;

/// The event log: read, counted, and written to by programs.
final class EventRoutes {

    /// What the platform says of itself, of devices, and of who is signed in.
    private static final Pattern RESERVED_SOURCE =
            Pattern.compile("(device|system|user|api_key):.*", Pattern.DOTALL);

    private static final Map<String, Duration> STEPS =
            Map.of(
                    "1m",
                    Duration.ofMinutes(1),
                    "1h",
                    Duration.ofHours(1),
                    "1d",
                    Duration.ofDays(1));

    private final EventLog events;
    private final LogFeed feed;
    private final DeviceStore devices;
    private final InstantSource clock;
    private final RandomGenerator random;

    EventRoutes(HttpEdge.Parts parts) {
        this.events = parts.stores().events();
        this.feed = parts.outbound().feed();
        this.devices = parts.stores().devices();
        this.clock = parts.clock();
        this.random = parts.random();
    }

    void on(Operations.Target operations) {
        operations.on("listEvents", this::list);
        operations.on("publishEvent", this::publish);
        operations.on("eventStatistics", this::statistics);
        operations.on("getEvent", this::find);
    }

    private Reply list(ApiRequest request) {
        return Reply.ok(
                Fields.page(events.list(filter(request), request.page()), EventJson::document));
    }

    private Reply statistics(ApiRequest request) {
        var step = STEPS.getOrDefault(request.query("interval").orElse("1h"), Duration.ofHours(1));
        var statistics = events.statistics(filter(request), step);
        return Reply.ok(
                new Fields()
                        .number("total", statistics.total())
                        .counts("by_type", statistics.byType(), word -> word)
                        .counts("by_source", statistics.bySource(), word -> word)
                        .counts("by_priority", statistics.byPriority(), word -> word)
                        .list(
                                "by_time",
                                statistics.byTime(),
                                one ->
                                        new Fields()
                                                .time("from", one.from())
                                                .number("count", one.count())
                                                .document())
                        .document());
    }

    private Reply find(ApiRequest request) {
        var id = request.path("event_id", text -> text);
        return events.find(id)
                .<Reply>map(logged -> Reply.ok(EventJson.document(logged)))
                .orElseGet(() -> Reply.of(Problem.unknown("event", id)));
    }

    /// An event that a program tells. With an id that is in the log already it is that event, and
    /// nothing is written.
    private Reply publish(ApiRequest request) {
        var now = Micros.truncated(clock.instant());
        var device = device(request);
        var event =
                new Event(
                        request.body()
                                .text("event_id")
                                .orElseGet(() -> Ids.next(random).toString()),
                        request.field("type", EventType::new),
                        source(request),
                        device == null ? null : device.deviceId(),
                        community(request, device),
                        timestamp(request, now),
                        object(request, "data"),
                        object(request, "metadata"),
                        request.body()
                                .text("priority")
                                .map(Priority::parse)
                                .orElse(Priority.NORMAL),
                        request.body().find("ttl").orElse(Value.Null.NULL)
                                        instanceof Value.Numeric(var seconds)
                                ? Duration.ofSeconds(seconds.longValue())
                                : null);
        var appended = events.append(event);
        feed.heard(appended.sequence());
        if (!appended.isNew()) {
            return events.find(event.id())
                    .map(logged -> repeated(request, logged))
                    .orElseGet(() -> Reply.of(Problem.unknown("event", event.id())));
        }
        return Reply.created(
                "/api/v1/events/" + Paths.encoded(event.id()),
                EventJson.document(new Event.Logged(appended.sequence(), event)));
    }

    private static Reply repeated(ApiRequest request, Event.Logged logged) {
        var own = request.principal().community();
        return own == null || own.equals(logged.event().community())
                ? Reply.ok(EventJson.document(logged))
                : Reply.of(
                        Problem.of(
                                409,
                                "event-id-taken",
                                "the event_id '" + logged.event().id() + "' is taken"));
    }

    private @Nullable Device device(ApiRequest request) {
        var id = request.optionalField("device_id", DeviceId::new);
        var own = request.principal().community();
        return id == null
                ? null
                : devices.find(id)
                        .filter(device -> own == null || own.equals(device.about().community()))
                        .orElseThrow(() -> new Refusal(Problem.unknown("device", id)));
    }

    /// Of a device's event, the device's.
    private static @Nullable CommunityId community(ApiRequest request, @Nullable Device device) {
        var given = request.optionalField("community_id", CommunityId::parse);
        return given != null || device == null ? given : device.about().community();
    }

    private static String source(ApiRequest request) {
        var given = request.body().text("source");
        if (given.isPresent() && RESERVED_SOURCE.matcher(given.get()).matches()) {
            throw new Refusal(
                    Problem.invalid(
                            "source",
                            "device:, system:, user: and api_key: are for the platform to say"));
        }
        return given.orElseGet(() -> request.principal().actor().toString());
    }

    private static Instant timestamp(ApiRequest request, Instant now) {
        var given = request.optionalField("timestamp", ApiRequest::time);
        return given == null ? now : Micros.truncated(given);
    }

    private static Document object(ApiRequest request, String name) {
        return request.body().find(name).orElse(Document.EMPTY) instanceof Document document
                ? document
                : Document.EMPTY;
    }

    static EventLog.Filter filter(ApiRequest request) {
        return new EventLog.Filter(
                request.community(),
                request.query("type").orElse(null),
                request.query("source").orElse(null),
                request.query("device_id", DeviceId::new),
                request.query("priority", Priority::parse),
                request.query("from", ApiRequest::time),
                request.query("to", ApiRequest::time));
    }
}
