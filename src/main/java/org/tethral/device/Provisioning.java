package org.tethral.device;

import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;
import org.tethral.account.CommunityId;
import org.tethral.account.PasswordHash;
import org.tethral.kernel.Secret;

/// How devices come in that nobody registered: by the provisioning key and secret of a profile.
/// Blocks. Thread-safe.
public final class Provisioning {

    private static final String PASSWORD_PREFIX = "tethral_pw_";
    private static final int USER_NAME_LENGTH_MAX = 240;
    private static final Actor ACTOR = Actor.system("provisioning");

    /// Secrets whose slow hash was right lately: a fleet that starts for the first time shall not
    /// cost a slow hash for each device.
    private static final int REMEMBERED_MAX = 1_000;

    /// With what a device wants to log in from now on.
    public sealed interface Wish {

        /// @param token null: the platform makes one
        record Token(@Nullable Secret token) implements Wish {}

        /// @param userName null: the platform makes one of the device's id
        /// @param password null: the platform makes one
        record Password(@Nullable String userName, @Nullable Secret password) implements Wish {}

        /// @param fingerprint SHA-256 of the certificate (DER), lower-case hex
        record Certificate(String fingerprint) implements Wish {}
    }

    /// @param device null: the platform names it
    public record Request(@Nullable DeviceId device, String key, Secret secret, Wish wish) {}

    public sealed interface Outcome {

        /// @param identity the user name, or the fingerprint of the certificate; of a token nothing
        /// @param secret the token or the password; null with a certificate
        record Admitted(
                DeviceId device, Credential.Type type, String identity, @Nullable Secret secret)
                implements Outcome {}

        /// No profile has this key with this secret.
        record WrongKey() implements Outcome {}

        /// A device of that id exists, and is not waiting for its first log-in.
        record DeviceTaken(DeviceId device) implements Outcome {}

        /// The token, user name or certificate is another device's.
        record IdentityTaken() implements Outcome {}
    }

    /// A credential with its secret in the clear.
    private record Made(Credential credential, @Nullable Secret secret) {

        Outcome.Admitted admitted() {
            return new Outcome.Admitted(
                    credential.device(),
                    credential.type(),
                    credential.type() == Credential.Type.TOKEN ? "" : credential.identity(),
                    secret);
        }
    }

    private final DeviceStore devices;
    private final CredentialStore credentials;
    private final ProfileStore profiles;
    private final PasswordHash passwords;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final ConcurrentMap<String, String> right = new ConcurrentHashMap<>();

    /// @param random must be hard to guess
    public Provisioning(
            DeviceStore devices,
            CredentialStore credentials,
            ProfileStore profiles,
            PasswordHash passwords,
            InstantSource clock,
            RandomGenerator random) {
        this.devices = devices;
        this.credentials = credentials;
        this.profiles = profiles;
        this.passwords = passwords;
        this.clock = clock;
        this.random = random;
    }

    /// Registers the device with the profile's defaults, and gives it its credential.
    ///
    /// A device that was registered with the profile beforehand, or whose answer was lost, may ask
    /// until it has logged in for the first time; what it was given before ends then. One that
    /// shows the credential that it has is told yes at any time.
    public Outcome ask(Request request) {
        var profile = profiles.findByProvisioningKey(request.key());
        if (profile.isEmpty() || !isSecretOf(profile.get(), request.secret())) {
            return new Outcome.WrongKey();
        }
        var id = request.device() == null ? name() : request.device();
        var known = devices.find(id);
        return known.isPresent()
                ? again(known.get(), profile.get(), request.wish())
                : register(id, profile.get(), request.wish());
    }

    private boolean isSecretOf(Profile profile, Secret secret) {
        var hash = profile.provisioningSecretHash();
        if (hash == null) {
            return false;
        }
        var known = right.get(hash);
        if (known != null && known.equals(secret.sha256())) {
            return true;
        }
        if (!passwords.matches(secret, hash)) {
            return false;
        }
        if (right.size() >= REMEMBERED_MAX) {
            right.clear();
        }
        right.put(hash, secret.sha256());
        return true;
    }

    private Outcome register(DeviceId id, Profile profile, Wish wish) {
        var made = made(id, wish);
        var device = Device.register(uuid(), id, about(id, profile), clock.instant());
        return switch (devices.add(device, made.credential(), ACTOR)) {
            case DeviceStore.Addition.Added _ -> made.admitted();
            case DeviceStore.Addition.IdTaken _ -> new Outcome.DeviceTaken(id);
            case DeviceStore.Addition.IdentityTaken _ -> new Outcome.IdentityTaken();
        };
    }

    private static Device.About about(DeviceId id, Profile profile) {
        return new Device.About(
                id.value(),
                null,
                profile.id(),
                profile.protocol(),
                profile.manufacturer(),
                profile.model(),
                null,
                List.of(),
                org.tethral.kernel.Document.EMPTY,
                org.tethral.kernel.Document.EMPTY,
                profile.community() == null ? CommunityId.DEFAULT : profile.community(),
                null,
                null);
    }

    private Outcome again(Device device, Profile profile, Wish wish) {
        if (!profile.id().equals(device.about().profile())) {
            return new Outcome.DeviceTaken(device.deviceId());
        }
        var before = credentials.list(device.deviceId());
        for (var credential : before) {
            if (credential.validAt(clock.instant()) && shows(wish, credential)) {
                return new Made(credential, secretOf(wish)).admitted();
            }
        }
        if (device.presence().lastSeenAt() != null
                || before.stream().anyMatch(one -> one.lastUsedAt() != null)) {
            return new Outcome.DeviceTaken(device.deviceId());
        }
        var made = made(device.deviceId(), wish);
        return switch (credentials.add(made.credential())) {
            case CredentialStore.Addition.Added _ -> {
                before.forEach(one -> credentials.revoke(one.id(), clock.instant()));
                yield made.admitted();
            }
            case CredentialStore.Addition.IdentityTaken _ -> new Outcome.IdentityTaken();
            case CredentialStore.Addition.UnknownDevice _ ->
                    new Outcome.DeviceTaken(device.deviceId()); // removed at this moment
        };
    }

    private boolean shows(Wish wish, Credential credential) {
        return switch (wish) {
            case Wish.Token(var token) ->
                    token != null
                            && credential.type() == Credential.Type.TOKEN
                            && credential.identity().equals(token.sha256());
            case Wish.Password(var userName, var password) ->
                    password != null
                            && credential.type() == Credential.Type.PASSWORD
                            && credential.identity().equals(userName)
                            && passwords.matches(password, credential.secretHash());
            case Wish.Certificate(var fingerprint) ->
                    credential.type() == Credential.Type.X509
                            && credential.identity().equals(fingerprint);
        };
    }

    private static @Nullable Secret secretOf(Wish wish) {
        return switch (wish) {
            case Wish.Token(var token) -> token;
            case Wish.Password(_, var password) -> password;
            case Wish.Certificate _ -> null;
        };
    }

    private Made made(DeviceId device, Wish wish) {
        var given = secretOf(wish);
        return switch (wish) {
            case Wish.Token _ -> {
                var token =
                        given == null ? Secret.generate(Credential.TOKEN_PREFIX, random) : given;
                yield new Made(Credential.token(uuid(), device, token, clock.instant()), token);
            }
            case Wish.Password(var userName, _) -> {
                var password = given == null ? Secret.generate(PASSWORD_PREFIX, random) : given;
                yield new Made(
                        credential(
                                device,
                                Credential.Type.PASSWORD,
                                userName(userName, device),
                                passwords.hash(password)),
                        password);
            }
            case Wish.Certificate(var fingerprint) ->
                    new Made(credential(device, Credential.Type.X509, fingerprint, ""), null);
        };
    }

    /// New each time: a user name that was given away once is never free again.
    private String userName(@Nullable String given, DeviceId device) {
        if (given != null) {
            return given;
        }
        var id = device.value();
        var begin = id.substring(0, Math.min(id.length(), USER_NAME_LENGTH_MAX));
        return begin + "-" + Integer.toHexString(random.nextInt());
    }

    private Credential credential(
            DeviceId device, Credential.Type type, String identity, String hash) {
        return new Credential(
                uuid(), device, type, identity, hash, clock.instant(), null, null, null);
    }

    private DeviceId name() {
        return new DeviceId("device-" + uuid());
    }

    private UUID uuid() {
        return new UUID(random.nextLong(), random.nextLong());
    }

    /// The secret as a slow hash, for one that is kept elsewhere.
    public String hashed(Secret secret) {
        return passwords.hash(secret);
    }

    /// For who reads the log or the inbox: why a device was not let in. Empty when it was.
    public static Optional<String> reason(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Admitted _ -> Optional.empty();
            case Outcome.WrongKey _ ->
                    Optional.of("no profile has this provisioning key with this secret");
            case Outcome.DeviceTaken(var device) ->
                    Optional.of(
                            "device "
                                    + device
                                    + " is registered, and has logged in or is of another profile");
            case Outcome.IdentityTaken _ ->
                    Optional.of("the token, user name or certificate is another device's");
        };
    }
}
