package org.tethral.cli;

import java.time.Duration;
import java.util.Locale;
import java.util.regex.Pattern;

/// Lengths of time as people write them: `500ms`, `60s`, `5m`, `2h`.
final class Durations {

    private static final Pattern FORM = Pattern.compile("(\\d{1,9})(ms|s|m|h)?");

    private Durations() {}

    static Duration parse(String text) {
        var parts = FORM.matcher(text.strip());
        if (!parts.matches()) {
            throw Failure.misused(
                    "'" + text + "' is no length of time such as 500ms, 60s, 5m or 2h");
        }
        var count = Long.parseLong(parts.group(1));
        return switch (parts.group(2) == null ? "s" : parts.group(2)) {
            case "ms" -> Duration.ofMillis(count);
            case "m" -> Duration.ofMinutes(count);
            case "h" -> Duration.ofHours(count);
            default -> Duration.ofSeconds(count);
        };
    }

    static String milliseconds(Duration duration) {
        return String.format(Locale.ROOT, "%.2f ms", duration.toNanos() / 1e6);
    }
}
