package org.tethral.benchmark;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.SplittableRandom;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.tethral.ingest.Answer;
import org.tethral.ingest.Inbound;
import org.tethral.ingest.Ingest;
import org.tethral.sql.Database;
import org.tethral.sql.SqlJournal;

/// The ingest pipeline of a server without its wires: queue, decisions, commits, answers, roll-ups.
final class Pipeline {

    private static final int WAITING_MAX = 8_192;
    private static final int MESSAGE_BYTES = 120;
    private static final int TELL_EVERY = 100_000;

    private Pipeline() {}

    /// Puts reports in and waits for all answers and roll-ups; returns reports a second, roll-ups
    /// included.
    ///
    /// @param over the reports fill that time before now evenly; zero: all are of now
    /// @param told how many were answered, now and then
    static double run(
            Database database,
            Work work,
            long reports,
            Duration over,
            InstantSource clock,
            LongConsumer told)
            throws InterruptedException {
        var random = new SplittableRandom(reports);
        var lanes = SqlJournal.lanes(database);
        var end = clock.instant();
        var room = new Semaphore(WAITING_MAX);
        var odd = new AtomicReference<@Nullable Answer>();
        var begin = System.nanoTime();
        var ingest =
                new Ingest(
                        lanes,
                        lane -> SqlJournal.open(database, "benchmark", lane, random.split()),
                        clock,
                        new SimpleMeterRegistry());
        try {
            ingest.start();
            for (long i = 0; i < reports; i++) {
                var timestamp = over.isZero() ? clock.instant() : work.spread(reports, over, end);
                for (var message : work.next(timestamp, clock.instant())) {
                    offer(ingest, message, room, odd);
                }
                if (i % TELL_EVERY == 0) {
                    told.accept(i);
                }
            }
            room.acquire(WAITING_MAX);
        } finally {
            ingest.close();
        }
        if (odd.get() != null) {
            throw new IllegalStateException("a report was not stored: " + odd.get());
        }
        return reports * 1e9 / (System.nanoTime() - begin);
    }

    private static void offer(
            Ingest ingest, Inbound message, Semaphore room, AtomicReference<@Nullable Answer> odd)
            throws InterruptedException {
        room.acquire();
        var taken =
                ingest.offer(
                        message,
                        MESSAGE_BYTES,
                        answer -> {
                            if (!(answer instanceof Answer.Stored)) {
                                odd.set(answer);
                            }
                            room.release();
                        });
        if (!taken) {
            throw new IllegalStateException(
                    "the queue holds fewer than " + WAITING_MAX + " messages");
        }
    }
}
