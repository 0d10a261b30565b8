package org.tethral.mqtt;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Watches for silence on the connections of one event loop, without a timer for each: a ring of
/// slots, of which one is looked at per tick. A connection that was heard of meanwhile moves on to
/// the slot where it would be due next.
///
/// Only [#tick] looks at it, on the event loop: a loop that was held up ages nobody.
final class KeepAliveWheel {

    static final Duration TICK = Duration.ofMillis(250);
    private static final int SLOTS = 1_024;

    /// One connection on the wheel.
    static final class Watch {
        private final Runnable silent;
        private @Nullable Watch previous;
        private @Nullable Watch next;
        private int slot = -1;
        private long heardTick;
        private long patienceTicks;

        private Watch(Runnable silent) {
            this.silent = silent;
        }
    }

    private final @Nullable Watch[] slots = new Watch[SLOTS];
    private long now;

    /// @param silent is told once, when nothing was heard for that long
    Watch watch(Duration patience, Runnable silent) {
        var watch = new Watch(silent);
        watch.patienceTicks = ticks(patience);
        watch.heardTick = now;
        insert(watch);
        return watch;
    }

    void heard(Watch watch) {
        watch.heardTick = now;
    }

    void patience(Watch watch, Duration patience) {
        remove(watch);
        watch.patienceTicks = ticks(patience);
        watch.heardTick = now;
        insert(watch);
    }

    /// It may be silent for ever, or is gone.
    void remove(Watch watch) {
        if (watch.slot < 0) {
            return;
        }
        if (watch.previous == null) {
            slots[watch.slot] = watch.next;
        } else {
            watch.previous.next = watch.next;
        }
        if (watch.next != null) {
            watch.next.previous = watch.previous;
        }
        watch.previous = null;
        watch.next = null;
        watch.slot = -1;
    }

    void tick() {
        now++;
        var slot = (int) (now % SLOTS);
        for (var due = slots[slot]; due != null; due = slots[slot]) {
            remove(due);
            if (now - due.heardTick >= due.patienceTicks) {
                due.silent.run();
            } else {
                insert(due);
            }
        }
    }

    /// Never into the slot that is being looked at.
    private void insert(Watch watch) {
        var wait = Math.clamp(watch.heardTick + watch.patienceTicks - now, 1, SLOTS - 1);
        var slot = (int) ((now + wait) % SLOTS);
        var first = slots[slot];
        watch.slot = slot;
        watch.next = first;
        if (first != null) {
            first.previous = watch;
        }
        slots[slot] = watch;
    }

    /// Rounded up, and one more for the part of a tick that has gone by: never too early.
    private static long ticks(Duration time) {
        return Math.ceilDiv(time.toMillis(), TICK.toMillis()) + 1;
    }
}
