package org.tethral.state;

import java.time.Instant;

/// One numeric value out of a snapshot.
public record Reading(Instant at, double value) {}
