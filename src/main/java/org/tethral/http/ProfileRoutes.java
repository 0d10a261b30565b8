package org.tethral.http;

import java.time.Duration;
import java.time.InstantSource;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.account.PasswordHash;
import org.tethral.account.Role;
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

    private static final String KEY = "provisioning_key";
    private static final String SECRET = "provisioning_secret";
    private static final String SECRET_PREFIX = "tethral_prov_";

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
                request ->
                        Reply.ok(
                                Fields.whole(
                                        profiles.list(request.community()),
                                        ProfileRoutes::document)));
        operations.on("addProfile", this::add);
        operations.on("getProfile", request -> Reply.ok(document(find(id(request)))));
        operations.on("changeProfile", this::change);
        operations.on("removeProfile", this::remove);
    }

    private Reply add(ApiRequest request) {
        var secret = secret(request, null);
        checkProvisioning(request, null);
        var profile =
                parsed(new ProfileId(Ids.next(random)), request.body(), null, hash(secret, null));
        return switch (profiles.add(profile)) {
            case ProfileStore.Outcome.Stored(var stored) ->
                    Reply.created("/api/v1/profiles/" + stored.id(), shown(stored, secret))
                            .audited(Act.added(stored.id(), stored.community(), document(stored)));
            case ProfileStore.Outcome other -> reply(other);
        };
    }

    private Reply change(ApiRequest request) {
        var before = find(id(request));
        checkProvisioning(request, before);
        var secret = secret(request, before);
        var profile =
                parsed(
                        before.id(),
                        document(before).merged(request.body()),
                        before,
                        hash(secret, before));
        return switch (profiles.change(profile)) {
            case ProfileStore.Outcome.Stored(var stored) ->
                    Reply.ok(shown(stored, secret))
                            .audited(
                                    Act.changed(
                                            stored.id(),
                                            stored.community(),
                                            document(before),
                                            document(stored)));
            case ProfileStore.Outcome other -> reply(other);
        };
    }

    /// Whoever holds key and secret may add devices: to hand them out is for administrators.
    private void checkProvisioning(ApiRequest request, @Nullable Profile before) {
        var body = request.body();
        if (body.find(KEY).isEmpty() && body.find(SECRET).isEmpty()) {
            return;
        }
        if (!request.principal().role().covers(Role.COMMUNITY_ADMIN)) {
            throw new Refusal(
                    Problem.of(
                            403,
                            "forbidden",
                            "to let devices register themselves needs the role community_admin"));
        }
        var key = body.text(KEY);
        var other = key.flatMap(profiles::findByProvisioningKey);
        if (other.isPresent() && (before == null || !other.get().id().equals(before.id()))) {
            throw new Refusal(
                    Problem.of(
                            409,
                            "provisioning-key-taken",
                            "another profile has the provisioning key '" + key.get() + "'"));
        }
    }

    /// A secret that this request sets.
    ///
    /// @param made by the platform, and to be shown this once
    private record NewSecret(Secret secret, boolean made) {}

    /// Null: the request leaves it as it is. A key without a secret would let everybody in, or
    /// nobody.
    private @Nullable NewSecret secret(ApiRequest request, @Nullable Profile before) {
        var body = request.body();
        var given = body.text(SECRET);
        if (given.isPresent()) {
            return new NewSecret(new Secret(given.get()), false);
        }
        var renewed =
                body.find(SECRET).isPresent() && (before != null || body.text(KEY).isPresent());
        var needed =
                body.text(KEY).isPresent()
                        && (before == null || before.provisioningSecretHash() == null);
        return renewed || needed
                ? new NewSecret(Secret.generate(SECRET_PREFIX, random), true)
                : null;
    }

    private @Nullable String hash(@Nullable NewSecret secret, @Nullable Profile before) {
        if (secret != null) {
            return passwords.hash(secret.secret());
        }
        return before == null ? null : before.provisioningSecretHash();
    }

    private static Document shown(Profile profile, @Nullable NewSecret secret) {
        var document = document(profile);
        return secret != null && secret.made()
                ? document.with(SECRET, Value.of(secret.secret().reveal()))
                : document;
    }

    private Reply remove(ApiRequest request) {
        var outcome = profiles.remove(id(request));
        return outcome instanceof ProfileStore.Outcome.Stored(var removed)
                ? Reply.noContent()
                        .audited(Act.removed(removed.id(), removed.community(), document(removed)))
                : reply(outcome);
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

    private Profile parsed(
            ProfileId id, Document given, @Nullable Profile before, @Nullable String secretHash) {
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
                object(given, "retention"),
                heartbeat,
                offlineAfter,
                given.text(KEY).orElse(null),
                given.text(KEY).isPresent() ? secretHash : null,
                before == null ? Micros.truncated(clock.instant()) : before.createdAt());
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
                .value("retention", profile.retention())
                .number("heartbeat_interval_seconds", profile.heartbeatInterval().toSeconds())
                .number("offline_after_seconds", profile.offlineAfter().toSeconds())
                .text(KEY, profile.provisioningKey())
                .time("created_at", profile.createdAt())
                .document();
    }
}
