package org.tethral.dashboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.tethral.kernel.StorageException;

class AnswersTest {

    private static final Duration FRESH = Duration.ofSeconds(2);
    private static final Duration USABLE = Duration.ofMinutes(10);

    private final AtomicReference<Instant> now =
            new AtomicReference<>(Instant.parse("2026-07-14T12:00:00Z"));
    private final AtomicInteger looks = new AtomicInteger();
    private volatile @Nullable RuntimeException trouble;
    private final Answers<String, Integer> answers =
            new Answers<>(FRESH, USABLE, _ -> look(), clock());

    private InstantSource clock() {
        return now::get;
    }

    private int look() {
        var failure = trouble;
        if (failure != null) {
            looks.incrementAndGet();
            throw failure;
        }
        return looks.incrementAndGet();
    }

    private void later(Duration time) {
        now.set(now.get().plus(time));
    }

    @Test
    void looksUpOnceForAMoment() {
        var asked = now.get();
        assertThat(answers.get("a", false)).isEqualTo(new Cached<>(1, Cached.Source.MISS, asked));
        later(FRESH.minusMillis(1));
        assertThat(answers.get("a", false)).isEqualTo(new Cached<>(1, Cached.Source.HIT, asked));
        later(Duration.ofMillis(1));
        assertThat(answers.get("a", false))
                .isEqualTo(new Cached<>(2, Cached.Source.MISS, now.get()));
    }

    @Test
    void looksUpForWhoInsistsAndTellsTheOthers() {
        answers.get("a", false);
        assertThat(answers.get("a", true).source()).isEqualTo(Cached.Source.MISS);
        assertThat(answers.get("a", false).value()).isEqualTo(2);
    }

    @Test
    void keepsWhatIsAskedApart() {
        assertThat(answers.get("a", false).value()).isEqualTo(1);
        assertThat(answers.get("b", false).value()).isEqualTo(2);
    }

    @Test
    void doesNotTrustAClockThatWentBack() {
        answers.get("a", false);
        later(Duration.ofHours(-1));
        assertThat(answers.get("a", false).source()).isEqualTo(Cached.Source.MISS);
    }

    @Test
    void servesWhatWasKnownWhereTheDatabaseIsAway() {
        var asked = now.get();
        answers.get("a", false);
        trouble = new StorageException(StorageException.Cause.UNAVAILABLE, "away");
        later(FRESH);
        assertThat(answers.get("a", false)).isEqualTo(new Cached<>(1, Cached.Source.STALE, asked));
        assertThat(answers.get("a", false).source()).isEqualTo(Cached.Source.STALE);
        assertThat(looks).as("not tried again at once").hasValue(2);
        later(Answers.PAUSE_AFTER_FAILURE);
        assertThat(answers.get("a", false).source()).isEqualTo(Cached.Source.STALE);
        assertThat(looks).hasValue(3);
        later(USABLE);
        assertThatThrownBy(() -> answers.get("a", false)).isInstanceOf(StorageException.class);
        trouble = null;
        assertThat(answers.get("a", false).source()).isEqualTo(Cached.Source.MISS);
    }

    @Test
    void hasNoAnswerWhereNothingIsKnown() {
        trouble = new StorageException(StorageException.Cause.UNAVAILABLE, "away");
        assertThatThrownBy(() -> answers.get("a", false)).isInstanceOf(StorageException.class);
    }

    @Test
    void hidesNoFaultOfTheProgram() {
        answers.get("a", false);
        later(FRESH);
        trouble = new IllegalStateException("a fault");
        assertThatThrownBy(() -> answers.get("a", false)).hasRootCauseMessage("a fault");
    }

    @Test
    void forgetsWhatNobodyAskedForLately() {
        for (int i = 0; i < 3 * Answers.KEPT_MAX; i++) {
            answers.get("community " + i, false);
        }
        assertThat(answers.size()).isEqualTo(Answers.KEPT_MAX);
        assertThat(answers.get("community " + (3 * Answers.KEPT_MAX - 1), false).source())
                .isEqualTo(Cached.Source.HIT);
    }

    @Test
    void looksUpOnceForManyWhoAskAtTheSameTime() throws Exception {
        var asking = ConcurrentHashMap.<Thread>newKeySet();
        var go = new CountDownLatch(1);
        var slow =
                new Answers<String, Integer>(
                        FRESH,
                        USABLE,
                        _ -> {
                            try {
                                go.await();
                            } catch (InterruptedException e) {
                                throw new IllegalStateException(e);
                            }
                            return look();
                        },
                        clock());
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var all = new ArrayList<Future<Cached<Integer>>>();
            for (int i = 0; i < 200; i++) {
                all.add(
                        threads.submit(() -> {
                            asking.add(Thread.currentThread());
                            return slow.get("a", false);
                        }));
            }
            awaitWaiting(asking, 200);
            go.countDown();
            for (var one : all) {
                assertThat(one.get(10, TimeUnit.SECONDS).value()).isEqualTo(1);
            }
        }
        assertThat(looks).hasValue(1);
    }

    private static void awaitWaiting(Set<Thread> threads, int count) throws InterruptedException {
        var limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (threads.stream().filter(one -> one.getState() == Thread.State.WAITING).count()
                < count) {
            assertThat(System.nanoTime()).isLessThan(limit);
            Thread.sleep(5);
        }
    }
}
