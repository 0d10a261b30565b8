package org.tethral.alert;

import java.util.Locale;
import org.tethral.event.Priority;

/// How bad it is, least first.
public enum Severity {
    INFO,
    WARNING,
    CRITICAL;

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// Of the events that tell of such an alert.
    public Priority priority() {
        return switch (this) {
            case INFO -> Priority.NORMAL;
            case WARNING -> Priority.HIGH;
            case CRITICAL -> Priority.CRITICAL;
        };
    }

    public static Severity parse(String word) {
        for (var severity : values()) {
            if (severity.word().equals(word)) {
                return severity;
            }
        }
        throw new IllegalArgumentException("no severity '" + word + "': info, warning or critical");
    }
}
