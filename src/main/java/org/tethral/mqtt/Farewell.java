package org.tethral.mqtt;

import org.jspecify.annotations.Nullable;

/// What is to happen to a session that nobody has, unless a connection takes it before: its will is
/// said, at its time or when the session ends, whichever comes first, and once.
final class Farewell {

    private @Nullable Runnable will;
    volatile Deadlines.@Nullable Deadline end;
    volatile Deadlines.@Nullable Deadline words;

    Farewell(@Nullable Runnable will) {
        this.will = will;
    }

    /// What is still to be said; from now on nothing is.
    synchronized @Nullable Runnable take() {
        var taken = will;
        will = null;
        return taken;
    }
}
