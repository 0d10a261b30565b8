package org.tethral.event;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// Wakes who waits for news, without remembering who that is or how often it rang.
public final class Bell {

    private long rings;

    public synchronized void ring() {
        rings++;
        notifyAll();
    }

    /// To be asked for before looking whether there is something to do.
    public synchronized long rings() {
        return rings;
    }

    /// Until it rang more often than that, or the time is over.
    public synchronized void await(long heard, Duration most) throws InterruptedException {
        var begin = System.nanoTime();
        for (var left = most.toNanos();
                rings == heard && left > 0;
                left = most.toNanos() - (System.nanoTime() - begin)) {
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
    }
}
