package org.tethral.ingest;

import java.time.Duration;

/// How time passes for a lane: a simulation has it pass by itself.
interface Pace {

    Pace REAL =
            new Pace() {
                @Override
                public long nanos() {
                    return System.nanoTime();
                }

                @Override
                public void pause(Duration length) throws InterruptedException {
                    Thread.sleep(length);
                }
            };

    /// Only differences mean anything.
    long nanos();

    void pause(Duration length) throws InterruptedException;
}
