package org.tethral.command;

import java.util.Locale;

/// Where a dispatch stands, in one word.
public enum CommandStatus {
    PENDING,
    SENT,
    DELIVERED,
    ACK_SUCCESS,
    ACK_ERROR,
    TIMEOUT,
    EXPIRED,
    CANCELLED;

    public boolean isFinal() {
        return compareTo(DELIVERED) > 0;
    }

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static CommandStatus parse(String word) {
        for (var status : values()) {
            if (status.word().equals(word)) {
                return status;
            }
        }
        throw new IllegalArgumentException(
                "no status '"
                        + word
                        + "': pending, sent, delivered, ack_success, ack_error, timeout, expired or"
                        + " cancelled");
    }
}
