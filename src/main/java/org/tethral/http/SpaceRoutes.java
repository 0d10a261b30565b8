package org.tethral.http;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.device.DevEui;
import org.tethral.device.DeviceId;
import org.tethral.kernel.Document;
import org.tethral.kernel.Micros;
import org.tethral.kernel.Value;
import org.tethral.space.LocationId;
import org.tethral.space.ManualState;
import org.tethral.space.Part;
import org.tethral.space.Reservation;
import org.tethral.space.SiteImport;
import org.tethral.space.Space;
import org.tethral.space.SpaceId;
import org.tethral.space.SpaceState;
import org.tethral.space.SpaceStore;
import org.tethral.state.Interval;

/// `/api/v1/spaces`.
final class SpaceRoutes {

    private static final Duration AVAILABILITY_DEFAULT = Duration.ofDays(1);

    private final HttpEdge.Spaces spaces;
    private final SiteImport imports;
    private final InstantSource clock;
    private final RandomGenerator random;

    SpaceRoutes(HttpEdge.Parts parts) {
        this.spaces = parts.spaces();
        this.clock = parts.clock();
        this.random = parts.random();
        this.imports =
                new SiteImport(
                        parts.stores().devices(),
                        spaces.devices(),
                        spaces.locations(),
                        spaces.store(),
                        () -> Ids.next(random));
    }

    void on(Operations.Target operations) {
        operations.on("listSpaces", this::list);
        operations.on("addSpace", this::add);
        operations.on("importSpaces", this::importSite);
        operations.on("getSpace", request -> reply(200, find(request)));
        operations.on("changeSpace", this::change);
        operations.on("removeSpace", this::remove);
        operations.on("assignDevice", this::assign);
        operations.on("overrideSpace", this::override);
        operations.on(
                "endOverride",
                request ->
                        changed(request, act -> spaces.store().override(id(request), null, act)));
        operations.on("maintainSpace", this::maintain);
        operations.on("spaceAvailability", this::availability);
        operations.on(
                "listAssignments",
                request ->
                        Reply.ok(
                                Fields.page(
                                        spaces.store().assignments(id(request), request.page()),
                                        SpaceJson::assignment)));
    }

    private static SpaceId id(ApiRequest request) {
        return new SpaceId(request.id());
    }

    private Space find(ApiRequest request) {
        return spaces.store().find(id(request)).orElseThrow(() -> unknown(request));
    }

    private static Refusal unknown(ApiRequest request) {
        return new Refusal(Problem.unknown("space", request.id()));
    }

    private static Reply.Content reply(int status, Space space) {
        return Reply.json(status, SpaceJson.space(space)).with("ETag", Reply.etag(space.version()));
    }

    private Reply list(ApiRequest request) {
        var filter =
                new SpaceStore.Filter(
                        request.community(),
                        request.query("location_id", LocationId::parse),
                        request.query("code").orElse(null),
                        request.query("state", SpaceState::parse),
                        request.query("device_id", DeviceId::new),
                        request.query("sensor_deveui", DevEui::parse),
                        request.query("display_deveui", DevEui::parse));
        return Reply.ok(Fields.page(spaces.store().list(filter, request.page()), SpaceJson::space));
    }

    private Reply add(ApiRequest request) {
        var now = Micros.truncated(clock.instant());
        var id = new SpaceId(Ids.next(random));
        var body = request.body();
        var community = community(request);
        var code = body.text("code").orElse("");
        var about = about(body.with("name", Value.of(body.text("name").orElse(code))), community);
        var act = new SpaceStore.Act(request.principal().actor(), now, null);
        var added = done(spaces.store().add(Space.made(id, about, now), act.by()), request);
        try {
            for (var part : Part.values()) {
                var device = request.optionalField(part.word() + "_device_id", DeviceId::new);
                if (device != null) {
                    added = done(spaces.store().assign(id, part, device, null, act), request);
                }
            }
        } catch (Refusal e) {
            spaces.store().remove(id, act); // as a whole, or not at all
            throw e;
        }
        spaces.changed().run();
        return Reply.created("/api/v1/spaces/" + id, SpaceJson.space(added))
                .with("ETag", Reply.etag(added.version()))
                .audited(Act.added(id, community, SpaceJson.space(added)));
    }

    private Reply importSite(ApiRequest request) {
        var community = community(request);
        var now = Micros.truncated(clock.instant());
        var csv = request.body().text("csv").orElse("");
        var by = request.principal().actor();
        SiteImport.Report report;
        try {
            report = imports.run(csv, community, by, now);
        } catch (IllegalArgumentException e) {
            throw new Refusal(Problem.invalid("csv", String.valueOf(e.getMessage())));
        }
        spaces.changed().run();
        var shown = SpaceJson.report(report);
        return Reply.ok(shown).audited(Act.added("import", community, shown));
    }

    /// Where nobody says another one, that of a platform that has only one, as devices are.
    static CommunityId community(ApiRequest request) {
        var given = request.optionalField("community_id", CommunityId::parse);
        return given == null ? CommunityId.DEFAULT : given;
    }

    private static Space.About about(Document body, @Nullable CommunityId community) {
        var location = body.text("location_id");
        try {
            return new Space.About(
                    body.text("name").orElse(""),
                    body.text("code").orElse(""),
                    location.map(LocationId::parse).orElse(null),
                    community,
                    body.find("metadata").orElse(Document.EMPTY) instanceof Document metadata
                            ? metadata
                            : Document.EMPTY);
        } catch (IllegalArgumentException e) {
            throw new Refusal(Problem.invalid("space", String.valueOf(e.getMessage())));
        }
    }

    private Space done(SpaceStore.Outcome outcome, ApiRequest request) {
        return switch (outcome) {
            case SpaceStore.Outcome.Done(var space) -> space;
            case SpaceStore.Outcome.Unknown _ -> throw unknown(request);
            case SpaceStore.Outcome.VersionIsNow(var version) ->
                    throw new Refusal(
                            Problem.of(
                                    412,
                                    "version-conflict",
                                    "version " + version + " is the newest"));
            case SpaceStore.Outcome.CodeTaken(var code) ->
                    throw new Refusal(
                            Problem.of(
                                    409,
                                    "code-taken",
                                    "there is a space '" + code + "' in that location already"));
            case SpaceStore.Outcome.NothingThere(var what) ->
                    throw new Refusal(
                            Problem.invalid(
                                    what.equals("location") ? "location_id" : "device_id",
                                    "there is no such " + what + " in the space's community"));
            case SpaceStore.Outcome.ServesAnother(var other) ->
                    throw new Refusal(
                            Problem.of(409, "serves-another", "the sensor serves space " + other));
        };
    }

    @FunctionalInterface
    private interface Change {
        SpaceStore.Outcome make(SpaceStore.Act act);
    }

    private SpaceStore.Act act(ApiRequest request) {
        return new SpaceStore.Act(
                request.principal().actor(), clock.instant(), request.ifMatch().orElse(null));
    }

    private Reply changed(ApiRequest request, Change change) {
        var before = find(request);
        var after = done(change.make(act(request)), request);
        spaces.changed().run();
        return reply(200, after)
                .audited(
                        Act.changed(
                                after.id(),
                                after.about().community(),
                                SpaceJson.space(before),
                                SpaceJson.space(after)));
    }

    private Reply change(ApiRequest request) {
        var before = find(request);
        var next = SpaceJson.space(before).merged(request.body());
        var about = about(next, before.about().community());
        return changed(request, act -> spaces.store().change(before.id(), about, act));
    }

    private Reply remove(ApiRequest request) {
        var removed = done(spaces.store().remove(id(request), act(request)), request);
        spaces.changed().run();
        return Reply.noContent()
                .audited(
                        Act.removed(
                                removed.id(),
                                removed.about().community(),
                                SpaceJson.space(removed)));
    }

    private Reply assign(ApiRequest request) {
        var part = request.field("part", Part::parse);
        var device = request.optionalField("device_id", DeviceId::new);
        var reason = request.body().text("reason").orElse(null);
        return changed(
                request, act -> spaces.store().assign(id(request), part, device, reason, act));
    }

    private Reply override(ApiRequest request) {
        var state = request.field("state", SpaceState::parse);
        var until = request.optionalField("until", ApiRequest::time);
        if (request.body().find("for_seconds").orElse(Value.Null.NULL)
                instanceof Value.Numeric seconds) {
            until = clock.instant().plusSeconds((long) seconds.asDouble());
        }
        if (until != null && !until.isAfter(clock.instant())) {
            throw new Refusal(Problem.invalid("until", "is over already"));
        }
        var end = until == null ? null : Micros.truncated(until);
        var manual = new ManualState(state, end, request.principal().actor());
        return changed(request, act -> spaces.store().override(id(request), manual, act));
    }

    private Reply maintain(ApiRequest request) {
        var maintenance =
                request.body().find("maintenance").filter(Value.Bool.TRUE::equals).isPresent();
        return changed(request, act -> spaces.store().maintain(id(request), maintenance, act));
    }

    private Reply availability(ApiRequest request) {
        var space = find(request);
        var now = Micros.truncated(clock.instant());
        var begin = request.query("from", ApiRequest::time);
        var from = begin == null ? now : begin;
        var interval = request.interval(from, from.plus(AVAILABILITY_DEFAULT));
        var booked = spaces.reservations().booked(space.id(), interval.from(), interval.to());
        return Reply.ok(
                new Fields()
                        .word("space_id", space.id())
                        .text("state", space.state().word())
                        .time("from", interval.from())
                        .time("to", interval.to())
                        .truth("available", booked.isEmpty() && !space.maintenance())
                        .list("reservations", booked, SpaceJson::reservation)
                        .list(
                                "free",
                                space.maintenance() ? List.<Interval>of() : free(interval, booked),
                                SpaceRoutes::interval)
                        .document());
    }

    private static Document interval(Interval interval) {
        return new Fields().time("from", interval.from()).time("to", interval.to()).document();
    }

    /// What the reservations, in the order of time, leave of the interval.
    private static List<Interval> free(Interval interval, List<Reservation> booked) {
        var free = new ArrayList<Interval>();
        Instant from = interval.from();
        for (var one : booked) {
            if (one.startsAt().isAfter(from)) {
                free.add(new Interval(from, one.startsAt()));
            }
            from = one.endsAt();
        }
        if (from.isBefore(interval.to())) {
            free.add(new Interval(from, interval.to()));
        }
        return free;
    }
}
