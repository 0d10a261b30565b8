package org.tethral.kernel;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.random.RandomGenerator;

/// A secret in the clear: shown once when it is made, otherwise only compared. Never printed by
/// accident.
public record Secret(String reveal) {

    /// Bits of chance in a generated secret. At 192 a fast hash is safe to keep, as guessing is
    /// hopeless.
    private static final int GENERATED_BYTES = 24;

    public Secret {
        if (reveal.isEmpty() || reveal.length() > 1_024) {
            throw new IllegalArgumentException("a secret has 1 to 1024 characters");
        }
    }

    /// A new one: the prefix tells what it is for, wherever it turns up.
    public static Secret generate(String prefix, RandomGenerator random) {
        var bytes = new byte[GENERATED_BYTES];
        random.nextBytes(bytes);
        return new Secret(prefix + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
    }

    /// SHA-256 in lower-case hex: how tokens and API keys are kept and looked up.
    public String sha256() {
        try {
            var digest =
                    MessageDigest.getInstance("SHA-256")
                            .digest(reveal.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /// Compares in a time that does not depend on where the first difference is.
    public boolean matches(Secret other) {
        return MessageDigest.isEqual(
                reveal.getBytes(StandardCharsets.UTF_8),
                other.reveal.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String toString() {
        return "Secret[…]";
    }
}
