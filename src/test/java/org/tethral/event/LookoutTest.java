package org.tethral.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.kernel.Eventually.eventually;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.tethral.kernel.StorageException;

class LookoutTest {

    private static final Duration SELDOM = Duration.ofHours(1);
    private static final Duration OFTEN = Duration.ofMillis(1);

    @Test
    void looksWhenItIsRungFor() {
        var rounds = new AtomicInteger();
        try (var lookout = new Lookout("l", SELDOM, () -> rounds.incrementAndGet() < 0, _ -> {})) {
            lookout.start();
            eventually(() -> rounds.get() == 1);
            lookout.ring();
            eventually(() -> rounds.get() == 2);
        }
    }

    @Test
    void goesOnAtOnceWhileMoreWaits() {
        var rounds = new AtomicInteger();
        try (var lookout = new Lookout("l", SELDOM, () -> rounds.incrementAndGet() < 5, _ -> {})) {
            lookout.start();
            eventually(() -> rounds.get() == 5);
        }
    }

    @Test
    void outlivesAFaultAndALostDatabase() {
        var failures =
                List.of(
                        new StorageException(StorageException.Cause.UNAVAILABLE, "look"),
                        new IllegalStateException("fault"));
        var told = new CopyOnWriteArrayList<RuntimeException>();
        var rounds = new AtomicInteger();
        Lookout.Round round =
                () -> {
                    var number = rounds.getAndIncrement();
                    if (number < failures.size()) {
                        throw failures.get(number);
                    }
                    return false;
                };
        try (var lookout = new Lookout("l", OFTEN, round, told::add)) {
            lookout.start();
            eventually(() -> rounds.get() > failures.size() + 1);
        }
        assertThat(told).isEqualTo(failures);
    }

    @Test
    void hasEndedItsRoundWhenItIsClosed() throws InterruptedException {
        var begun = new CountDownLatch(1);
        var ended = new AtomicBoolean();
        Lookout.Round round =
                () -> {
                    begun.countDown();
                    TimeUnit.MILLISECONDS.sleep(50);
                    ended.set(true);
                    return true;
                };
        try (var lookout = new Lookout("l", OFTEN, round, _ -> {})) {
            lookout.start();
            assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(ended).isTrue();
    }
}
