package org.tethral.device;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;
import org.tethral.account.PasswordHash;
import org.tethral.kernel.Secret;

/// Decides whether a device is who it says it is. What it finds is remembered for a short while, so
/// that an HTTP device does not cost a look-up (or a slow password hash) with each report.
public final class DeviceLogin {

    public sealed interface Outcome {}

    public record Accepted(ConnectingDevice device, UUID credential) implements Outcome {}

    /// @param reason for the device's owner; says nothing that helps to guess a secret
    public record Refused(String reason) implements Outcome {

        /// False: the credential is right, but its device may not connect at present.
        public boolean credentialIsWrong() {
            return equals(WRONG);
        }
    }

    /// How long a log-in is remembered: on other nodes, a revoked credential works at most this
    /// much longer.
    public static final Duration REMEMBERED_FOR = Duration.ofSeconds(30);

    private static final int REMEMBERED_MAX = 20_000;

    private static final Refused WRONG =
            new Refused(
                    "unknown or expired credential: check the token or the user name and password");

    private final CredentialStore credentials;
    private final DeviceStore devices;
    private final PasswordHash passwords;
    private final boolean openRegistration;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final AtomicLong forgotten = new AtomicLong();
    private volatile ConcurrentMap<String, Remembered> young = new ConcurrentHashMap<>();
    private volatile ConcurrentMap<String, Remembered> old = new ConcurrentHashMap<>();

    private record Remembered(Accepted accepted, Instant until) {}

    /// @param openRegistration lets every device that names itself register itself, with the token
    ///   that it brings; for demonstrations on the own machine only
    public DeviceLogin(
            CredentialStore credentials,
            DeviceStore devices,
            PasswordHash passwords,
            boolean openRegistration,
            InstantSource clock,
            RandomGenerator random) {
        this.credentials = credentials;
        this.devices = devices;
        this.passwords = passwords;
        this.openRegistration = openRegistration;
        this.clock = clock;
        this.random = random;
    }

    /// The answer to a token that was accepted a short while ago; never blocks.
    public Optional<Accepted> remembered(Secret token) {
        return recall("token " + token.sha256());
    }

    /// As [#remembered], of a certificate or a shared key.
    public Optional<Accepted> remembered(Credential.Type type, String identity) {
        return recall(type.word() + " " + identity);
    }

    /// May ask the database.
    public Outcome token(Secret token) {
        var identity = token.sha256();
        var known = recall("token " + identity);
        return known.isPresent() ? known.get() : look(Credential.Type.TOKEN, identity, null);
    }

    /// As [#token], but where self-registration is open an unknown device with an unknown token
    /// becomes a known one.
    public Outcome tokenOf(DeviceId claimed, Secret token) {
        var outcome = token(token);
        if (!openRegistration || !outcome.equals(WRONG)) {
            return outcome;
        }
        var now = clock.instant();
        var device =
                Device.register(
                        new UUID(random.nextLong(), random.nextLong()),
                        claimed,
                        Device.About.named(claimed.value()),
                        now);
        var credential =
                Credential.token(
                        new UUID(random.nextLong(), random.nextLong()), claimed, token, now);
        return switch (devices.add(device, credential, Actor.system("open_registration"))) {
            // taken, perhaps, by another message of the same device, a moment ago
            case DeviceStore.Addition.Added _,
                    DeviceStore.Addition.IdTaken _,
                    DeviceStore.Addition.IdentityTaken _ ->
                    token(token);
        };
    }

    /// May ask the database, and takes tens of milliseconds of processor time where the password
    /// was not seen lately.
    public Outcome password(String userName, Secret password) {
        var key = "password " + password.sha256() + " " + userName;
        var known = recall(key);
        if (known.isPresent()) {
            return known.get();
        }
        var before = forgotten.get();
        var found = credentials.find(Credential.Type.PASSWORD, userName);
        if (found.isEmpty()
                || !passwords.matches(password, found.get().credential().secretHash())) {
            return WRONG;
        }
        return accept(found.get(), key, before);
    }

    /// @param fingerprint SHA-256 of the certificate (DER), lower-case hex; its chain was checked
    ///   by TLS
    /// @param subject in RFC 2253 form
    public Outcome certificate(String fingerprint, String subject) {
        var outcome = look(Credential.Type.X509, fingerprint, "x509 " + fingerprint);
        return outcome.equals(WRONG) ? look(Credential.Type.X509, subject, null) : outcome;
    }

    /// Whose shared key that is; the handshake has shown that the device knows it.
    public Outcome sharedKey(String identity) {
        return look(Credential.Type.PSK, identity, null);
    }

    /// Forgets what it remembers of the device: its credential ended, or it was removed or
    /// disabled.
    public void forget(DeviceId device) {
        forgotten.incrementAndGet();
        young.values().removeIf(one -> one.accepted().device().id().equals(device));
        old.values().removeIf(one -> one.accepted().device().id().equals(device));
    }

    private Outcome look(Credential.Type type, String identity, @Nullable String key) {
        var before = forgotten.get();
        var found = credentials.find(type, identity);
        return found.isEmpty()
                ? WRONG
                : accept(found.get(), key == null ? type.word() + " " + identity : key, before);
    }

    private Outcome accept(CredentialStore.Found found, String key, long before) {
        var now = clock.instant();
        if (!found.credential().validAt(now)) {
            return WRONG;
        }
        if (!found.device().enabled()) {
            return new Refused("device " + found.device().id() + " is disabled");
        }
        var accepted = new Accepted(found.device(), found.credential().id());
        var until = now.plus(REMEMBERED_FOR);
        var end = found.credential().notAfter();
        remember(
                key,
                new Remembered(accepted, end != null && end.isBefore(until) ? end : until),
                before);
        credentials.used(found.credential().id(), now);
        return accepted;
    }

    private Optional<Accepted> recall(String key) {
        var one = young.get(key);
        if (one == null) {
            one = old.get(key);
        }
        return one != null && clock.instant().isBefore(one.until())
                ? Optional.of(one.accepted())
                : Optional.empty();
    }

    /// @param before how often something was forgotten when the look-up began: what was forgotten
    ///   meanwhile may be just this, so that it is not remembered
    private void remember(String key, Remembered one, long before) {
        if (young.size() >= REMEMBERED_MAX) {
            old = young;
            young = new ConcurrentHashMap<>();
        }
        young.put(key, one);
        if (forgotten.get() != before) {
            young.remove(key, one);
        }
    }
}
