package org.tethral.http;

import java.time.InstantSource;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.tethral.kernel.Document;
import org.tethral.kernel.Micros;
import org.tethral.kernel.Value;
import org.tethral.space.Location;
import org.tethral.space.LocationId;
import org.tethral.space.LocationStore;

/// `/api/v1/locations`.
final class LocationRoutes {

    private final LocationStore locations;
    private final InstantSource clock;
    private final RandomGenerator random;

    LocationRoutes(HttpEdge.Parts parts) {
        this.locations = parts.spaces().locations();
        this.clock = parts.clock();
        this.random = parts.random();
    }

    void on(Operations.Target operations) {
        operations.on("listLocations", this::list);
        operations.on("addLocation", this::add);
        operations.on("getLocation", request -> reply(find(request)));
        operations.on("changeLocation", this::change);
        operations.on("removeLocation", this::remove);
    }

    private Reply list(ApiRequest request) {
        var filter =
                new LocationStore.Filter(
                        request.community(),
                        request.query("parent_id", LocationId::parse),
                        request.query("kind", Location.Kind::parse));
        return Reply.ok(Fields.page(locations.list(filter, request.page()), SpaceJson::location));
    }

    private Location find(ApiRequest request) {
        return locations.find(new LocationId(request.id())).orElseThrow(() -> unknown(request));
    }

    private static Refusal unknown(ApiRequest request) {
        return new Refusal(Problem.unknown("location", request.id()));
    }

    private static Reply.Content reply(Location location) {
        return Reply.json(200, SpaceJson.location(location))
                .with("ETag", Reply.etag(location.version()));
    }

    private Reply add(ApiRequest request) {
        var id = new LocationId(Ids.next(random));
        var community = SpaceRoutes.community(request);
        var now = Micros.truncated(clock.instant());
        var asked =
                parsed(
                        request.body(),
                        new Location(
                                id,
                                null,
                                Location.Kind.SITE,
                                "new",
                                null,
                                null,
                                null,
                                community,
                                now,
                                1),
                        1);
        var added = done(locations.add(asked), request);
        return Reply.created("/api/v1/locations/" + id, SpaceJson.location(added))
                .with("ETag", Reply.etag(added.version()))
                .audited(Act.added(id, community, SpaceJson.location(added)));
    }

    private Reply change(ApiRequest request) {
        var before = find(request);
        var version = request.ifMatch().orElse(before.version());
        var next = SpaceJson.location(before).merged(request.body());
        var after = done(locations.change(parsed(next, before, version + 1)), request);
        return reply(after)
                .audited(
                        Act.changed(
                                after.id(),
                                after.community(),
                                SpaceJson.location(before),
                                SpaceJson.location(after)));
    }

    private Reply remove(ApiRequest request) {
        var removed = done(locations.remove(new LocationId(request.id())), request);
        return Reply.noContent()
                .audited(
                        Act.removed(
                                removed.id(), removed.community(), SpaceJson.location(removed)));
    }

    private static Location parsed(Document given, Location like, long version) {
        try {
            return new Location(
                    like.id(),
                    given.text("parent_id").map(LocationId::parse).orElse(null),
                    Location.Kind.parse(given.text("kind").orElse("")),
                    given.text("name").orElse(""),
                    given.text("code").orElse(null),
                    number(given, "lat"),
                    number(given, "lon"),
                    like.community(),
                    like.createdAt(),
                    version);
        } catch (IllegalArgumentException e) {
            throw new Refusal(Problem.invalid("location", String.valueOf(e.getMessage())));
        }
    }

    private static @Nullable Double number(Document given, String name) {
        return given.find(name).orElse(Value.Null.NULL) instanceof Value.Numeric number
                ? (Double) number.asDouble()
                : null;
    }

    private static Location done(LocationStore.Outcome outcome, ApiRequest request) {
        return switch (outcome) {
            case LocationStore.Outcome.Done(var location) -> location;
            case LocationStore.Outcome.Unknown _ -> throw unknown(request);
            case LocationStore.Outcome.VersionIsNow(var version) ->
                    throw new Refusal(
                            Problem.of(
                                    412,
                                    "version-conflict",
                                    "version " + version + " is the newest"));
            case LocationStore.Outcome.NoSuchParent _ ->
                    throw new Refusal(
                            Problem.invalid(
                                    "parent_id",
                                    "there is no such larger location in its community"));
            case LocationStore.Outcome.InUse _ ->
                    throw new Refusal(
                            Problem.of(
                                    409,
                                    "in-use",
                                    "spaces or smaller locations are still in this one"));
        };
    }
}
