package org.tethral.dashboard;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// What the health of a device is judged by.
///
/// @param silence since it was heard of last; null: it never was
/// @param offlineAfter so long it may be silent
/// @param errorShare of the last [Health#LOOKED_BACK], the part in which its state was `error`; 0
///   to 1
/// @param turns how often its state changed in the last hour
/// @param battery in percent; null: it does not say
/// @param signal strength in dBm; null: it does not say
public record Vitals(
        boolean online,
        @Nullable Duration silence,
        Duration offlineAfter,
        double errorShare,
        int turns,
        @Nullable Double battery,
        @Nullable Double signal) {}
