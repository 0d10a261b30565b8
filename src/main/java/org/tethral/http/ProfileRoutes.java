package org.tethral.http;

import java.time.Duration;
import java.time.InstantSource;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.device.PasswordHash;
import org.tethral.device.Profile;
import org.tethral.device.ProfileId;
import org.tethral.device.ProfileStore;
import org.tethral.device.Protocol;
import org.tethral.kernel.Document;
import org.tethral.kernel.Micros;
import org.tethral.kernel.Secret;
import org.tethral.kernel.Value;

/// `/api/v1/profiles`: device types.
final class ProfileRoutes {

    private final ProfileStore profiles;
    private final PasswordHash passwords;
    private final InstantSource clock;
    private final RandomGenerator random;

    ProfileRoutes(HttpEdge.Parts parts) {
        this.profiles = parts.stores().profiles();
        this.passwords = parts.passwords();
        this.clock = parts.clock();
        this.random = parts.random();
    }

    void on(Operations.Target operations) {
        operations.on(
                "listProfiles",
                _ -> Reply.ok(Fields.whole(profiles.list(), ProfileRoutes::document)));
        operations.on("addProfile", this::add);
        operations.on("getProfile", request -> Reply.ok(document(find(id(request)))));
        operations.on("changeProfile", this::change);
        operations.on("removeProfile", this::remove);
    }

    private Reply add(ApiRequest request) {
        var outcome = profiles.add(parsed(new ProfileId(Ids.next(random)), request.body(), null));
        return outcome instanceof ProfileStore.Outcome.Stored(var profile)
                ? Reply.created("/api/v1/profiles/" + profile.id(), document(profile))
                : reply(outcome);
    }

    private Reply change(ApiRequest request) {
        var before = find(id(request));
        return reply(
                profiles.change(
                        parsed(before.id(), document(before).merged(request.body()), before)));
    }

    private Reply remove(ApiRequest request) {
        var outcome = profiles.remove(id(request));
        return outcome instanceof ProfileStore.Outcome.Stored ? Reply.noContent() : reply(outcome);
    }

    private static Reply reply(ProfileStore.Outcome outcome) {
        return switch (outcome) {
            case ProfileStore.Outcome.Stored(var profile) -> Reply.ok(document(profile));
            case ProfileStore.Outcome.NameTaken(var name) ->
                    Reply.of(
                            Problem.of(
                                    409,
                                    "name-taken",
                                    "there is a profile '" + name + "' already"));
            case ProfileStore.Outcome.Unknown(var id) -> Reply.of(Problem.unknown("profile", id));
            case ProfileStore.Outcome.InUse(var devices) ->
                    Reply.of(Problem.of(409, "profile-in-use", devices + " devices still have it"));
        };
    }

    private static ProfileId id(ApiRequest request) {
        return new ProfileId(request.id());
    }

    private Profile find(ProfileId id) {
        return profiles.find(id).orElseThrow(() -> new Refusal(Problem.unknown("profile", id)));
    }

    private Profile parsed(ProfileId id, Document given, @Nullable Profile before) {
        var heartbeat =
                seconds(given, "heartbeat_interval_seconds", Profile.HEARTBEAT_INTERVAL_DEFAULT);
        var offlineAfter = seconds(given, "offline_after_seconds", Profile.OFFLINE_AFTER_DEFAULT);
        if (offlineAfter.compareTo(heartbeat) < 0) {
            throw new Refusal(
                    Problem.invalid(
                            "offline_after_seconds",
                            "must not be shorter than heartbeat_interval_seconds"));
        }
        return new Profile(
                id,
                given.text("community_id")
                        .map(text -> ApiRequest.parsed("community_id", text, CommunityId::parse))
                        .orElse(null),
                given.text("name").orElse(""),
                given.text("manufacturer").orElse(null),
                given.text("model").orElse(null),
                given.text("protocol")
                        .map(text -> ApiRequest.parsed("protocol", text, Protocol::parse))
                        .orElse(null),
                object(given, "codec"),
                object(given, "default_configuration"),
                heartbeat,
                offlineAfter,
                given.text("provisioning_key").orElse(null),
                secretHash(given, before),
                before == null ? Micros.truncated(clock.instant()) : before.createdAt());
    }

    private @Nullable String secretHash(Document given, @Nullable Profile before) {
        var secret = given.text("provisioning_secret");
        return secret.isPresent()
                ? passwords.hash(new Secret(secret.get()))
                : before == null ? null : before.provisioningSecretHash();
    }

    private static Duration seconds(Document given, String name, Duration byDefault) {
        return given.find(name).orElse(Value.Null.NULL) instanceof Value.Numeric(var seconds)
                ? Duration.ofSeconds(seconds.longValue())
                : byDefault;
    }

    private static Document object(Document given, String name) {
        return given.find(name).orElse(Document.EMPTY) instanceof Document document
                ? document
                : Document.EMPTY;
    }

    private static Document document(Profile profile) {
        return new Fields()
                .word("id", profile.id())
                .word("community_id", profile.community())
                .text("name", profile.name())
                .text("manufacturer", profile.manufacturer())
                .text("model", profile.model())
                .text("protocol", profile.protocol() == null ? null : profile.protocol().word())
                .value("codec", profile.codec())
                .value("default_configuration", profile.defaultConfiguration())
                .number("heartbeat_interval_seconds", profile.heartbeatInterval().toSeconds())
                .number("offline_after_seconds", profile.offlineAfter().toSeconds())
                .text("provisioning_key", profile.provisioningKey())
                .time("created_at", profile.createdAt())
                .document();
    }
}
