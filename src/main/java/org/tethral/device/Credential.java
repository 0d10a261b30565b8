package org.tethral.device;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// With what a device proves who it is. A device may have several that overlap in time, so that it
/// can change from one to the next without a gap.
///
/// @param identity what it is looked up by. Token: SHA-256 of the token, lower-case hex; password:
///   the user name; x509: SHA-256 fingerprint of the certificate (DER), lower-case hex, or its
///   subject in RFC 2253 form; psk: the PSK identity
/// @param secretHash password: Argon2id in PHC form; psk: the key, sealed, see [SharedKeys]; token
///   and x509: empty, as the identity says all
public record Credential(
        UUID id,
        DeviceId device,
        Type type,
        String identity,
        String secretHash,
        Instant notBefore,
        @Nullable Instant notAfter,
        @Nullable Instant revokedAt,
        @Nullable Instant lastUsedAt) {

    public static final String TOKEN_PREFIX = "tethral_dev_";

    public enum Type {
        TOKEN,
        PASSWORD,
        X509,
        PSK;

        public String word() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }

        public static Type parse(String word) {
            for (var type : values()) {
                if (type.word().equals(word)) {
                    return type;
                }
            }
            throw new IllegalArgumentException(
                    "no credential type '" + word + "': token, password, x509 or psk");
        }
    }

    /// The token itself is not kept: only its hash, by which it is found.
    public static Credential token(
            UUID id, DeviceId device, org.tethral.kernel.Secret token, Instant now) {
        return new Credential(id, device, Type.TOKEN, token.sha256(), "", now, null, null, null);
    }

    public boolean validAt(Instant now) {
        return revokedAt == null
                && !now.isBefore(notBefore)
                && (notAfter == null || now.isBefore(notAfter));
    }
}
