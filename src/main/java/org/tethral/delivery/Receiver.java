package org.tethral.delivery;

import java.time.Duration;
import java.time.Instant;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// What the last attempts say of a receiver as a whole. One that failed several times in a row is
/// tried with one event at a time, less and less often, so that its absence costs events few of
/// their attempts.
final class Receiver {

    static final int CAREFUL_AFTER = 3;
    private static final Duration ASKED_FOR_MAX = Duration.ofHours(1);

    private final RandomGenerator random;
    private int failuresInARow;
    private Instant resumeAt = Instant.MIN;
    private @Nullable Instant failingSince;

    Receiver(RandomGenerator random) {
        this.random = random;
    }

    /// True: it was away, and is back.
    boolean succeeded() {
        var back = isAway();
        failuresInARow = 0;
        failingSince = null;
        resumeAt = Instant.MIN;
        return back;
    }

    /// @param asked how long it wants to be left alone
    void failed(@Nullable Duration asked, Instant now) {
        failuresInARow++;
        if (failingSince == null) {
            failingSince = now;
        }
        if (isAway()) {
            var pause =
                    BackOff.after(
                            failuresInARow - CAREFUL_AFTER + 1,
                            BackOff.RECEIVER_MAX,
                            random.nextDouble());
            later(now.plus(pause));
        }
        if (asked != null) {
            later(now.plus(asked.compareTo(ASKED_FOR_MAX) < 0 ? asked : ASKED_FOR_MAX));
        }
    }

    private void later(Instant time) {
        if (resumeAt.isBefore(time)) {
            resumeAt = time;
        }
    }

    boolean isAway() {
        return failuresInARow >= CAREFUL_AFTER;
    }

    boolean mayTry(Instant now, int underWay) {
        return !now.isBefore(resumeAt) && (!isAway() || underWay == 0);
    }

    /// When it may be tried again; in the past: now.
    Instant resumeAt() {
        return resumeAt;
    }

    /// Null: the last attempt succeeded, or there was none.
    @Nullable Instant failingSince() {
        return failingSince;
    }
}
