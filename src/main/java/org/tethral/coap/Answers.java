package org.tethral.coap;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/// The requests that wait for their answer. Answers of a commit come from the lanes' threads, and
/// are carried to the protocol's threads once per commit. A request that waits longer is
/// acknowledged first, so that the device does not repeat it.
///
/// Bounded by the inbound queue and by the look-ups: what waits here waits there.
final class Answers {

    /// Well below the two seconds after which a device repeats its request (ACK_TIMEOUT).
    static final Duration ACKNOWLEDGE_AFTER = Duration.ofMillis(500);

    static final Duration WAIT_MAX = Duration.ofSeconds(30);
    private static final Duration SWEEP_EVERY = Duration.ofMillis(100);

    private final ScheduledExecutorService stage;
    private final Duration waitMax;
    private final Queue<Call> fresh = new ConcurrentLinkedQueue<>();
    private final Queue<Call> acknowledged = new ConcurrentLinkedQueue<>();
    private final Queue<Runnable> answered = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean draining = new AtomicBoolean();

    /// @param waitMax without an answer for that long, a device is told that its message may yet be
    ///   stored
    Answers(ScheduledExecutorService stage, Duration waitMax) {
        this.stage = stage;
        this.waitMax = waitMax;
    }

    void start() {
        stage.scheduleWithFixedDelay(
                () -> sweep(System.nanoTime()),
                SWEEP_EVERY.toMillis(),
                SWEEP_EVERY.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    void await(Call call) {
        fresh.add(call);
    }

    /// On a lane's thread: done with the next [#flush].
    void add(Runnable answer) {
        answered.add(answer);
    }

    /// On a lane's thread: all answers of a commit were added.
    void flush() {
        if (!answered.isEmpty() && draining.compareAndSet(false, true)) {
            try {
                stage.execute(this::drain);
            } catch (RejectedExecutionException e) {
                answered.clear(); // the edge is closed, and nobody to be answered
            }
        }
    }

    /// Nobody waits.
    boolean isIdle() {
        return answered.isEmpty()
                && fresh.stream().allMatch(Call::isAnswered)
                && acknowledged.stream().allMatch(Call::isAnswered);
    }

    private void drain() {
        draining.set(false);
        for (var answer = answered.poll(); answer != null; answer = answered.poll()) {
            answer.run();
        }
    }

    private void sweep(long now) {
        for (var oldest = fresh.peek(); oldest != null; oldest = fresh.peek()) {
            if (!oldest.isAnswered()) {
                if (now - oldest.sinceNanos() < ACKNOWLEDGE_AFTER.toNanos()) {
                    break;
                }
                oldest.acknowledge();
                acknowledged.add(oldest);
            }
            fresh.poll();
        }
        for (var oldest = acknowledged.peek(); oldest != null; oldest = acknowledged.peek()) {
            if (!oldest.isAnswered()) {
                if (now - oldest.sinceNanos() < waitMax.toNanos()) {
                    break;
                }
                oldest.busy(
                        "not done in time, but it may yet be: send it again with the same message_id",
                        5);
            }
            acknowledged.poll();
        }
    }
}
