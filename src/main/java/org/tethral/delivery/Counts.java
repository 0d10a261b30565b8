package org.tethral.delivery;

/// @param delivered events that a receiver took
/// @param failed attempts that failed
/// @param expired events whose time to live was over
/// @param dead events that were given up
public record Counts(long delivered, long failed, long expired, long dead) {

    public static final Counts NONE = new Counts(0, 0, 0, 0);

    Counts plus(Counts more) {
        return new Counts(
                delivered + more.delivered,
                failed + more.failed,
                expired + more.expired,
                dead + more.dead);
    }
}
