package org.tethral.dashboard;

import java.time.Instant;

/// @param messagesLastHour messages of devices that said something that is kept, in this minute and
///   the 59 before it
public record FleetStatistics(FleetCounts counts, long messagesLastHour, Instant asOf) {}
