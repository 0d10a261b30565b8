package org.tethral.webhook;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.random.RandomGenerator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Signs as the specification Standard Webhooks (version 1) has it: HMAC-SHA-256 with the bytes of
/// the secret over `{webhook-id}.{webhook-timestamp}.{body}`, so that a receiver can tell who sent
/// a request, that nobody changed it, and that it is not an old one sent again.
final class Signature {

    static final String SECRET_PREFIX = "whsec_";
    private static final String ALGORITHM = "HmacSHA256";
    private static final int SECRET_BYTES = 32;
    private static final int SECRET_BYTES_MIN = 24;
    private static final int SECRET_BYTES_MAX = 64;

    private final SecretKeySpec key;

    /// @throws IllegalArgumentException this is no such secret
    Signature(String secret) {
        this.key = new SecretKeySpec(bytes(secret), ALGORITHM);
    }

    static String newSecret(RandomGenerator random) {
        var bytes = new byte[SECRET_BYTES];
        random.nextBytes(bytes);
        return SECRET_PREFIX + Base64.getEncoder().encodeToString(bytes);
    }

    private static byte[] bytes(String secret) {
        if (secret.startsWith(SECRET_PREFIX)) {
            try {
                var bytes = Base64.getDecoder().decode(secret.substring(SECRET_PREFIX.length()));
                if (bytes.length >= SECRET_BYTES_MIN && bytes.length <= SECRET_BYTES_MAX) {
                    return bytes;
                }
            } catch (IllegalArgumentException e) {
                // told below
            }
        }
        throw new IllegalArgumentException(
                "secret must be whsec_ and 24 to 64 bytes in Base64; left out, one is made");
    }

    /// The value of `webhook-signature`.
    String of(String id, long timestamp, byte[] body) {
        try {
            var mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            mac.update((id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8));
            return "v1," + Base64.getEncoder().encodeToString(mac.doFinal(body));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + ALGORITHM, e);
        }
    }
}
