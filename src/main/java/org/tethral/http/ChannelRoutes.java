package org.tethral.http;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.tethral.device.DeviceId;
import org.tethral.kernel.Document;
import org.tethral.kernel.Micros;
import org.tethral.kernel.Secret;
import org.tethral.kernel.Value;
import org.tethral.source.Channel;
import org.tethral.source.ChannelStore;
import org.tethral.source.Position;
import org.tethral.source.Standing;

/// `/api/v1/thingspeak/channels`: what is read from elsewhere, and how that fares.
final class ChannelRoutes {

    private static final String KIND_DEFAULT = "thingspeak";

    /// Older than any source.
    private static final Instant BEGINNING = Instant.parse("2000-01-01T00:00:00Z");

    private final HttpEdge.Sources sources;
    private final InstantSource clock;
    private final RandomGenerator random;

    ChannelRoutes(HttpEdge.Parts parts) {
        this.sources = parts.sources();
        this.clock = parts.clock();
        this.random = parts.random();
    }

    void on(Operations.Target operations) {
        operations.on("listChannels", this::list);
        operations.on("addChannel", this::add);
        operations.on("getChannel", request -> shown(200, find(request)));
        operations.on("changeChannel", this::change);
        operations.on("removeChannel", this::remove);
        operations.on("pollChannel", this::poll);
        operations.on("backfillChannel", this::backfill);
    }

    private Reply list(ApiRequest request) {
        var filter =
                new ChannelStore.Filter(
                        request.community(),
                        request.query("device_id", DeviceId::new),
                        request.query("enabled", Boolean::valueOf));
        return Reply.ok(
                Fields.page(
                        sources.channels().list(filter, request.page()), ChannelRoutes::document));
    }

    private Reply add(ApiRequest request) {
        var body = request.body();
        var id = Ids.next(random);
        var channel =
                checked(
                        new Channel(
                                id,
                                request.field("device_id", DeviceId::new),
                                body.text("source").orElse(KIND_DEFAULT),
                                name(body.find("channel_id").orElse(Value.Null.NULL)),
                                sealed(id, body),
                                body.text("account").orElse(Channel.ACCOUNT_DEFAULT),
                                fields(body),
                                interval(body).orElse(Channel.INTERVAL_DEFAULT),
                                body.find("enabled").filter(Value.Bool.FALSE::equals).isEmpty(),
                                1,
                                Micros.truncated(clock.instant())));
        var from = request.optionalField("from", ApiRequest::time);
        var outcome =
                sources.channels()
                        .add(channel, from == null ? Position.NOTHING_READ : Position.from(from));
        sources.changed().run();
        return outcome instanceof ChannelStore.Outcome.Stored(var standing)
                ? Reply.created("/api/v1/thingspeak/channels/" + id, document(standing))
                        .with("ETag", Reply.etag(standing.channel().version()))
                        .audited(Act.added(id, standing.community(), document(standing)))
                : refused(outcome, id);
    }

    private Channel checked(Channel channel) {
        var kind =
                sources.kinds()
                        .find(channel.kind())
                        .orElseThrow(() ->
                                new Refusal(
                                        Problem.invalid(
                                                "source",
                                                "no source '"
                                                        + channel.kind()
                                                        + "': "
                                                        + String.join(
                                                                ", ", sources.kinds().names()))));
        try {
            kind.check(channel.name(), channel.fields().keySet());
        } catch (IllegalArgumentException e) {
            throw new Refusal(Problem.invalid("channel_id", String.valueOf(e.getMessage())));
        }
        return channel;
    }

    private static String name(Value value) {
        return switch (value) {
            case Value.Text(var text) -> text;
            case Value.Numeric(var number) -> Long.toString(number.longValue());
            case Value.Bool _, Value.Null _, Value.Array _, Document _ ->
                    throw new Refusal(Problem.invalid("channel_id", "is no name"));
        };
    }

    private @Nullable String sealed(UUID id, Document body) {
        return body.text("api_key")
                .map(key -> sources.keys().seal(id, new Secret(key)))
                .orElse(null);
    }

    private static Map<String, String> fields(Document document) {
        var fields = new TreeMap<String, String>();
        if (document.find("field_map").orElse(Value.Null.NULL) instanceof Document map) {
            map.values()
                    .forEach((field, value) -> {
                        if (value instanceof Value.Text(var name)) {
                            fields.put(field, name);
                        }
                    });
        }
        return fields;
    }

    private static Optional<Duration> interval(Document body) {
        return body.find("poll_interval_seconds").orElse(Value.Null.NULL)
                        instanceof Value.Numeric(var seconds)
                ? Optional.of(Duration.ofSeconds(seconds.longValue()))
                : Optional.empty();
    }

    private Reply change(ApiRequest request) {
        var standing = find(request);
        var before = standing.channel();
        if (request.header("If-Match").isEmpty()) {
            return Reply.of(
                    Problem.of(
                            428,
                            "version-missing",
                            "say which version you change: If-Match: "
                                    + Reply.etag(before.version())));
        }
        var whole = document(standing).merged(request.body());
        var next =
                checked(
                        new Channel(
                                before.id(),
                                before.device(),
                                before.kind(),
                                before.name(),
                                request.body().find("api_key").isPresent()
                                        ? sealed(before.id(), request.body())
                                        : before.key(),
                                whole.text("account").orElse(before.account()),
                                fields(whole),
                                interval(whole).orElse(before.interval()),
                                whole.find("enabled").filter(Value.Bool.FALSE::equals).isEmpty(),
                                request.ifMatch().orElse(before.version()),
                                before.createdAt()));
        return done(200, standing, sources.channels().change(next));
    }

    private Reply remove(ApiRequest request) {
        var standing = find(request);
        var id = standing.channel().id();
        if (!sources.channels().remove(id)) {
            return Reply.of(Problem.unknown("channel", id));
        }
        sources.changed().run();
        return Reply.noContent().audited(Act.removed(id, standing.community(), document(standing)));
    }

    private Reply poll(ApiRequest request) {
        var standing = find(request);
        return standing.channel().enabled()
                ? done(202, standing, sources.channels().hurry(standing.channel().id()))
                : Reply.of(Problem.of(409, "channel-disabled", "the channel is disabled"));
    }

    private Reply backfill(ApiRequest request) {
        var standing = find(request);
        var from = request.optionalField("from", ApiRequest::time);
        var entry =
                request.body().find("from_entry").orElse(Value.Null.NULL)
                                instanceof Value.Numeric(var number)
                        ? number.longValue()
                        : 1;
        var history = new Position.History(entry, 0, from == null ? BEGINNING : from);
        return done(202, standing, sources.channels().backfill(standing.channel().id(), history));
    }

    private Reply done(int status, Standing before, ChannelStore.Outcome outcome) {
        sources.changed().run();
        var id = before.channel().id();
        return outcome instanceof ChannelStore.Outcome.Stored(var after)
                ? shown(status, after)
                        .audited(
                                Act.changed(
                                        id, after.community(), document(before), document(after)))
                : refused(outcome, id);
    }

    private Standing find(ApiRequest request) {
        var id = request.id();
        return sources.channels()
                .find(id)
                .orElseThrow(() -> new Refusal(Problem.unknown("channel", id)));
    }

    private static Reply refused(ChannelStore.Outcome outcome, UUID id) {
        return Reply.of(
                switch (outcome) {
                    case ChannelStore.Outcome.Stored _ ->
                            throw new IllegalStateException("that is no refusal");
                    case ChannelStore.Outcome.Unknown _ -> Problem.unknown("channel", id);
                    case ChannelStore.Outcome.UnknownDevice(var device) ->
                            Problem.unknown("device", device);
                    case ChannelStore.Outcome.Taken _ ->
                            Problem.of(409, "channel-taken", "the device has this channel already");
                    case ChannelStore.Outcome.TooMany(var most, var community) ->
                            Problem.tooMany("too-many", "channels", most, community);
                    case ChannelStore.Outcome.VersionIsNow(var version) ->
                            Problem.of(
                                    412,
                                    "version-conflict",
                                    "version " + version + " is the newest");
                    case ChannelStore.Outcome.Busy _ ->
                            Problem.of(
                                    409, "backfill-under-way", "its history is being read already");
                });
    }

    private static Reply.Content shown(int status, Standing standing) {
        return Reply.json(status, document(standing))
                .with("ETag", Reply.etag(standing.channel().version()));
    }

    private static Document document(Standing standing) {
        var channel = standing.channel();
        var position = standing.position();
        var health = standing.health();
        var map = new Fields();
        new TreeMap<>(channel.fields()).forEach(map::text);
        return new Fields()
                .word("id", channel.id())
                .word("device_id", channel.device())
                .word("community_id", standing.community())
                .text("source", channel.kind())
                .text("channel_id", channel.name())
                .truth("has_api_key", channel.key() != null)
                .text("account", channel.account())
                .value("field_map", map.document())
                .number("poll_interval_seconds", channel.interval().toSeconds())
                .truth("enabled", channel.enabled())
                .number("version", channel.version())
                .time("created_at", channel.createdAt())
                .text("state", state(standing))
                .value(
                        "breaker",
                        new Fields()
                                .text("state", health.circuit().state().word())
                                .time("until", health.circuit().until())
                                .document())
                .number("first_entry_id", position.first())
                .number("last_entry_id", position.last())
                .time("read_from", position.at())
                .number("entries_missing", position.missing())
                .value("backfill", history(position.history()))
                .time("last_polled_at", health.polledAt())
                .text("last_error", health.error())
                .time("failing_since", health.failingSince())
                .text("node", standing.node())
                .document();
    }

    private static Value history(Position.@Nullable History history) {
        return history == null
                ? Value.Null.NULL
                : new Fields()
                        .number("from_entry", history.from())
                        .time("read_to", history.at())
                        .document();
    }

    private static String state(Standing standing) {
        if (!standing.channel().enabled()) {
            return "paused";
        }
        if (standing.health().failingSince() != null) {
            return "failing";
        }
        return standing.node() == null ? "starting" : "reading";
    }
}
