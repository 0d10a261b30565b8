package org.tethral.retention;

import java.time.Duration;
import java.util.Locale;

/// What is kept for a time. What is not named here is kept for good: devices, the moves of their
/// life cycle, the audit log.
public enum Kept {
    /// By the time of the report, as the device tells it.
    SNAPSHOTS(90, true),
    /// By the start of their interval.
    ROLLUPS(730, true),
    /// Longer where a subscription has not come to them yet, up to [Policy#eventsHeld].
    EVENTS(30, false),
    CONNECTIONS(90, false),
    STATE_CHANGES(730, true),
    /// By their end, with what their devices answered.
    COMMANDS(180, false),
    /// By their end.
    ALERTS(730, false),
    /// Changes of spaces and what became of them at their displays, by their time.
    ACTUATIONS(730, false),
    /// By their end.
    RESERVATIONS(730, false),
    /// By which a repeated message is known, by the time it came; they go with their snapshots,
    /// too.
    MESSAGE_IDS(90, false);

    private final Duration standard;
    private final boolean ofProfile;

    Kept(int days, boolean ofProfile) {
        this.standard = Duration.ofDays(days);
        this.ofProfile = ofProfile;
    }

    public Duration standard() {
        return standard;
    }

    /// Whether a profile may say another time for its devices.
    public boolean ofProfile() {
        return ofProfile;
    }

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
