package org.tethral.device;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.kernel.Vault;

/// The keys that devices share with the platform (DTLS with PSK). A handshake needs the key itself,
/// so it is kept sealed, not hashed.
public final class SharedKeys {

    /// What the usual DTLS libraries take.
    public static final int KEY_BYTES_MIN = 8;

    public static final int KEY_BYTES_MAX = 64;

    /// RFC 4279, 5.3: what every implementation must take.
    public static final int IDENTITY_LENGTH_MAX = 128;

    private static final Logger LOG = LoggerFactory.getLogger(SharedKeys.class);

    private final CredentialStore credentials;
    private final Vault vault;
    private final InstantSource clock;

    public SharedKeys(CredentialStore credentials, Vault vault, InstantSource clock) {
        this.credentials = credentials;
        this.vault = vault;
        this.clock = clock;
    }

    /// A key that is in use.
    public static final class Key {

        private final UUID credential;
        private final byte[] bytes;

        private Key(UUID credential, byte[] bytes) {
            this.credential = credential;
            this.bytes = bytes;
        }

        /// Whose it is.
        public UUID credential() {
            return credential;
        }

        public byte[] bytes() {
            return bytes.clone();
        }
    }

    /// The credential of a key, ready to be kept.
    ///
    /// @throws IllegalArgumentException the key or the identity is too short or too long
    public Credential credential(
            UUID id,
            DeviceId device,
            String identity,
            byte[] key,
            Instant notBefore,
            @Nullable Instant notAfter) {
        if (key.length < KEY_BYTES_MIN || key.length > KEY_BYTES_MAX) {
            throw new IllegalArgumentException(
                    "must have " + KEY_BYTES_MIN + " to " + KEY_BYTES_MAX + " bytes");
        }
        if (identity.isEmpty() || identity.length() > IDENTITY_LENGTH_MAX) {
            throw new IllegalArgumentException(
                    "an identity has 1 to " + IDENTITY_LENGTH_MAX + " characters");
        }
        return new Credential(
                id,
                device,
                Credential.Type.PSK,
                identity,
                vault.seal(key, owner(id)),
                notBefore,
                notAfter,
                null,
                null);
    }

    /// The key of that identity, if it may be used now; asks the database.
    public Optional<Key> find(String identity) {
        var found = credentials.find(Credential.Type.PSK, identity);
        if (found.isEmpty()
                || !found.get().credential().validAt(clock.instant())
                || !found.get().device().enabled()) {
            return Optional.empty();
        }
        var credential = found.get().credential();
        var key = vault.open(credential.secretHash(), owner(credential.id()));
        if (key.isEmpty()) {
            LOG.atError()
                    .addKeyValue("device_id", credential.device())
                    .addKeyValue("credential_id", credential.id())
                    .log("a shared key was sealed with another key than this node's secrets key");
        }
        return key.map(bytes -> new Key(credential.id(), bytes));
    }

    private static String owner(UUID credential) {
        return "credential " + credential;
    }
}
