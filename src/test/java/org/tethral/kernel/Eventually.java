package org.tethral.kernel;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/// Waits for what other threads do: looks again and again, and gives up at a limit.
public final class Eventually {

    private static final Duration MOST = Duration.ofSeconds(40);

    private Eventually() {}

    /// @throws AssertionError the condition does not hold within 40 seconds
    public static void eventually(Callable<Boolean> condition) {
        eventually(MOST, condition);
    }

    public static void eventually(Duration most, Callable<Boolean> condition) {
        var end = System.nanoTime() + most.toNanos();
        try {
            while (!condition.call()) {
                if (System.nanoTime() - end > 0) {
                    throw new AssertionError("not within " + most);
                }
                TimeUnit.MILLISECONDS.sleep(5);
            }
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
