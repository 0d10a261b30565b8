package org.tethral.argon2;

import java.util.Base64;
import java.util.Optional;
import java.util.regex.Pattern;

/// An Argon2id hash with all that is needed to compute it again, in PHC string format:
/// `$argon2id$v=19$m=19456,t=2,p=1$SALT$HASH`, base64 without padding.
///
/// @param memoryKibibytes up to [#MEMORY_KIBIBYTES_MAX]: a hash from elsewhere may ask for no more
///   than a small server has
@SuppressWarnings("ArrayRecordComponent") // never compared, and it does not leave this package
record PhcString(int memoryKibibytes, int iterations, int parallelism, byte[] salt, byte[] hash) {

    static final int MEMORY_KIBIBYTES_MAX = 64 * 1024;
    static final int ITERATIONS_MAX = 16;
    static final int PARALLELISM_MAX = 16;
    private static final int SALT_BYTES_MIN = 8;
    private static final int HASH_BYTES_MIN = 16;

    private static final Pattern FORM =
            Pattern.compile(
                    "\\$argon2id\\$v=19\\$m=(\\d{1,6}),t=(\\d{1,3}),p=(\\d{1,3})"
                            + "\\$([A-Za-z0-9+/]{1,128})\\$([A-Za-z0-9+/]{1,128})");

    /// Empty for another algorithm or version, for parameters out of bounds, and for what is no PHC
    /// string at all.
    static Optional<PhcString> parse(String text) {
        var form = FORM.matcher(text);
        if (!form.matches()) {
            return Optional.empty();
        }
        try {
            var parsed =
                    new PhcString(
                            Integer.parseInt(form.group(1)),
                            Integer.parseInt(form.group(2)),
                            Integer.parseInt(form.group(3)),
                            Base64.getDecoder().decode(form.group(4)),
                            Base64.getDecoder().decode(form.group(5)));
            return parsed.withinBounds() ? Optional.of(parsed) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // base64 of an impossible length
        }
    }

    private boolean withinBounds() {
        return parallelism >= 1
                && parallelism <= PARALLELISM_MAX
                && iterations >= 1
                && iterations <= ITERATIONS_MAX
                && memoryKibibytes >= 8 * parallelism
                && memoryKibibytes <= MEMORY_KIBIBYTES_MAX
                && salt.length >= SALT_BYTES_MIN
                && hash.length >= HASH_BYTES_MIN;
    }

    @Override
    public String toString() {
        var base64 = Base64.getEncoder().withoutPadding();
        return "$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s"
                .formatted(
                        memoryKibibytes,
                        iterations,
                        parallelism,
                        base64.encodeToString(salt),
                        base64.encodeToString(hash));
    }
}
