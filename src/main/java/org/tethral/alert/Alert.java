package org.tethral.alert;

import java.time.Instant;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;
import org.tethral.account.CommunityId;
import org.tethral.device.DeviceId;

/// Something that people had to be told of.
///
/// @param value that triggered it; null where the rule looks at none
/// @param acknowledged that somebody looks after it; null while nobody said so
/// @param resolved null while it is open
public record Alert(
        UUID id,
        UUID rule,
        DeviceId device,
        @Nullable CommunityId community,
        Severity severity,
        @Nullable Double value,
        String message,
        Instant triggeredAt,
        @Nullable Acknowledgement acknowledged,
        @Nullable Resolution resolved) {

    public static final int REASON_LENGTH_MAX = 1_000;

    public record Acknowledgement(Instant at, Actor by, @Nullable String note) {}

    public record Resolution(Instant at, Actor by, String why) {}

    /// Why an alert ends without anybody's doing.
    public enum End {
        CLEARED,
        RULE_CHANGED,
        RULE_DISABLED,
        RULE_REMOVED,
        DEVICE_REMOVED,
        DEVICE_DECOMMISSIONED;

        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public boolean isOpen() {
        return resolved == null;
    }
}
