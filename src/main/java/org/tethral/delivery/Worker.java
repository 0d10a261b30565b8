package org.tethral.delivery;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.event.Bell;
import org.tethral.event.Event;
import org.tethral.event.EventLog;
import org.tethral.event.LogFeed;
import org.tethral.kernel.StorageException;

/// Delivers one subscription, on a thread of its own: reads on in the log, keeps a window of what
/// is to be handed over, has attempts made, and has its progress written down.
final class Worker {

    static final int READS_IN_A_ROW_MAX = 8;
    private static final int ROWS_READ_AT_ONCE = 500;
    private static final Duration LOOK_EVERY = Duration.ofSeconds(30);
    private static final Duration TROUBLE_PAUSE = Duration.ofSeconds(1);
    private static final Duration LAST_WORD_MAX = Duration.ofSeconds(5);
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

    /// What all workers share.
    ///
    /// @param mayStart whether this node may still count on its leases
    /// @param ended called at the end of one that was stopped
    record Shared(
            EventLog log,
            LogFeed feed,
            DeliveryStore store,
            Keeper keeper,
            SinkKinds kinds,
            InstantSource clock,
            RandomGenerator random,
            BooleanSupplier mayStart,
            Runnable ended) {}

    private final DeliveryStore.Held held;
    private final Shared shared;
    private final Bell bell = new Bell();
    private final Window window = new Window();
    private final List<Attempt> underWay = new ArrayList<>();
    private final Receiver receiver;
    private final Thread thread;
    private long readTo;
    private boolean rowsLeft;
    private long rowsAfter;
    private boolean keeping;
    private volatile Keeper.@Nullable Outcome kept;
    private volatile boolean stopping;
    private volatile boolean lost;

    Worker(DeliveryStore.Held held, Shared shared) {
        this.held = held;
        this.shared = shared;
        this.receiver = new Receiver(shared.random());
        this.thread =
                Thread.ofVirtual().name("deliver-" + held.subscription()).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    DeliveryStore.Held held() {
        return held;
    }

    boolean ended() {
        return !thread.isAlive();
    }

    /// Starts nothing more, waits for what is under way, and ends.
    void stop() {
        stopping = true;
        bell.ring();
    }

    void wake() {
        bell.ring();
    }

    void join(Duration most) throws InterruptedException {
        thread.join(most);
    }

    private void run() {
        try {
            var start = begin();
            if (start == null) {
                return;
            }
            var subscription = start.subscription();
            var threads = threads(subscription);
            var way = new Way(shared.kinds(), subscription);
            try (var _ = shared.feed().follow(bell::ring)) {
                work(subscription, way, threads);
            } finally {
                way.close(threads);
            }
            shared.ended().run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.atError()
                    .addKeyValue("subscription_id", held.subscription())
                    .setCause(e)
                    .log("deliveries end by a fault; they begin again");
        }
    }

    private ThreadFactory threads(Subscription subscription) {
        var name = "deliver-" + subscription.name() + "-";
        return shared.kinds().isOurs(subscription.sink())
                ? Thread.ofVirtual().name(name, 0).factory()
                : Thread.ofPlatform().daemon().name(name, 0).factory();
    }

    /// Where the one before has ended; null: there is nothing to do any more.
    private DeliveryStore.@Nullable Start begin() throws InterruptedException {
        while (!stopping) {
            try {
                var start = shared.store().start(held.subscription()).orElse(null);
                if (start != null) {
                    readTo = start.readTo();
                    rowsLeft = start.waiting();
                    shared.log().at(start.unsettled()).forEach(window::add);
                }
                return start;
            } catch (StorageException e) {
                pause(e);
            }
        }
        return null;
    }

    private void pause(StorageException e) throws InterruptedException {
        LOG.atDebug()
                .addKeyValue("subscription_id", held.subscription())
                .addKeyValue("reason", e.getMessage())
                .log("the database is away");
        bell.await(bell.rings(), TROUBLE_PAUSE);
    }

    private void work(Subscription subscription, Way way, ThreadFactory threads)
            throws InterruptedException {
        var ledger = new Ledger(subscription.name(), subscription.terms().tracked());
        while (!stopping && !lost) {
            var rings = bell.rings();
            land(subscription, ledger);
            try {
                if (fill(subscription.interest(), ledger)) {
                    bell.ring();
                }
            } catch (StorageException e) {
                pause(e);
            }
            launch(subscription.terms(), ledger, way, threads);
            note(ledger, false);
            bell.await(rings, untilNext(ledger));
        }
        while (!lost && underWay.stream().anyMatch(attempt -> !attempt.isGivenUp())) {
            var rings = bell.rings();
            land(subscription, ledger);
            bell.await(rings, untilNext(ledger));
        }
        lastWord(ledger);
    }

    // --- what has become of attempts

    private void land(Subscription subscription, Ledger ledger) {
        var nanos = System.nanoTime();
        for (var attempt : List.copyOf(underWay)) {
            var outcome = attempt.outcome();
            if (outcome != null) {
                underWay.remove(attempt);
            }
            if (attempt.isGivenUp()) {
                continue;
            }
            if (outcome != null) {
                apply(attempt, outcome, subscription.terms(), ledger);
            } else if (attempt.nanosLeft(nanos) <= 0) {
                attempt.giveUp();
                var timeout = subscription.terms().timeout();
                var late =
                        new Sink.Outcome.Failed(
                                "no answer within " + timeout.toMillis() / 1_000.0 + " s", null);
                apply(attempt, late, subscription.terms(), ledger);
            }
        }
        if (kept != null) {
            lost |= kept == Keeper.Outcome.LOST;
            kept = null;
            keeping = false;
            ledger.kept();
        }
    }

    private void apply(
            Attempt attempt, Sink.Outcome outcome, Subscription.Terms terms, Ledger ledger) {
        var now = shared.clock().instant();
        switch (outcome) {
            case Sink.Outcome.Delivered _ -> {
                for (var entry : attempt.entries) {
                    ledger.delivered(entry, now);
                    window.settled(entry);
                }
                recovered(now);
            }
            case Sink.Outcome.Refused(var reason) -> {
                ledger.attemptFailed(reason);
                for (var entry : attempt.entries) {
                    ledger.dead(entry, reason, now);
                    window.settled(entry);
                }
                recovered(now); // it answers
            }
            case Sink.Outcome.Failed(var reason, var after) -> {
                ledger.attemptFailed(reason);
                receiver.failed(after, now);
                for (var entry : attempt.entries) {
                    failed(entry, reason, terms, ledger, now);
                }
            }
        }
    }

    private void recovered(Instant now) {
        if (receiver.succeeded()) {
            var soon = BackOff.after(1, BackOff.EVENT_MAX, shared.random().nextDouble());
            window.hurry(now.plus(soon));
        }
    }

    private void failed(
            Window.Entry entry,
            String reason,
            Subscription.Terms terms,
            Ledger ledger,
            Instant now) {
        var attempts = entry.attempts() + 1;
        if (attempts >= terms.attemptsMax()) {
            ledger.dead(entry, reason, now);
            window.settled(entry);
            return;
        }
        var pause = BackOff.after(attempts, BackOff.EVENT_MAX, shared.random().nextDouble());
        window.failed(entry, Ledger.shortened(reason), now.plus(pause));
        ledger.retrying(entry, now);
    }

    // --- what is to be handed over

    /// True: there is more to look at.
    private boolean fill(Interest interest, Ledger ledger) {
        for (int reads = 0; reads < READS_IN_A_ROW_MAX; reads++) {
            if (!window.hasRoom()) {
                return false;
            }
            if (rowsLeft) {
                fillFromRows(ledger);
            } else if (!fillFromLog(interest, ledger)) {
                return false;
            }
        }
        return true;
    }

    private void fillFromRows(Ledger ledger) {
        var rows = shared.store().waiting(held.subscription(), rowsAfter, ROWS_READ_AT_ONCE);
        var events = shared.log().at(rows.stream().map(Delivery::sequence).toList());
        var next = 0;
        for (var row : rows) {
            if (next < events.size() && events.get(next).sequence() == row.sequence()) {
                window.add(events.get(next++), row);
            } else {
                ledger.gone(row, shared.clock().instant());
            }
        }
        rowsLeft = rows.size() == ROWS_READ_AT_ONCE;
        rowsAfter = rows.isEmpty() ? rowsAfter : rows.getLast().sequence();
    }

    private boolean fillFromLog(Interest interest, Ledger ledger) {
        List<Event.Logged> events = shared.feed().after(readTo);
        for (var logged : events) {
            if (!window.hasRoom()) {
                return false;
            }
            readTo = logged.sequence();
            if (interest.wants(logged.event())) {
                window.add(logged);
            } else {
                ledger.skipped();
            }
        }
        return !events.isEmpty();
    }

    private void launch(Subscription.Terms terms, Ledger ledger, Way way, ThreadFactory threads) {
        var now = shared.clock().instant();
        while (underWay.size() < terms.inFlight()
                && ledger.mayGoOn()
                && receiver.mayTry(now, underWay.size())
                && shared.mayStart().getAsBoolean()) {
            var entries = window.next(receiver.isAway() ? 1 : terms.batch(), now);
            if (entries.isEmpty()) {
                return;
            }
            var fresh = new ArrayList<Window.Entry>(entries.size());
            for (var entry : entries) {
                if (isOver(entry.logged.event(), now)) {
                    ledger.expired(entry, now);
                    window.settled(entry);
                } else {
                    fresh.add(entry);
                }
            }
            if (!fresh.isEmpty()) {
                window.underWay(fresh);
                underWay.add(Attempt.start(fresh, way, terms.timeout(), threads, _ -> bell.ring()));
            }
        }
    }

    private static boolean isOver(Event event, Instant now) {
        return event.ttl() != null && event.timestamp().plus(event.ttl()).isBefore(now);
    }

    private Duration untilNext(Ledger ledger) {
        var nanos = System.nanoTime();
        var now = shared.clock().instant();
        var wait = LOOK_EVERY;
        if (!keeping) {
            wait = shorter(wait, ledger.untilDue(nanos));
        }
        for (var attempt : underWay) {
            if (!attempt.isGivenUp()) {
                wait = shorter(wait, Duration.ofNanos(Math.max(0, attempt.nanosLeft(nanos))));
            }
        }
        var due = window.hasReady() ? now : window.nextDue();
        if (due != null) {
            var resume = receiver.resumeAt();
            var left = Duration.between(now, due.isBefore(resume) ? resume : due);
            // what is due and yet not under way waits for a place, for a lease, or to be written
            wait = shorter(wait, left.isPositive() ? left : Duration.ofMillis(100));
        }
        return wait;
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    // --- what is written down

    private void note(Ledger ledger, boolean atOnce) {
        if (keeping
                || !ledger.hasNews()
                || !atOnce && !ledger.untilDue(System.nanoTime()).isZero()) {
            return;
        }
        keeping = true;
        shared.keeper()
                .keep(
                        ledger.take(
                                held.fence(), readTo, window.withoutRow(), receiver.failingSince()),
                        outcome -> {
                            kept = outcome;
                            bell.ring();
                        });
    }

    /// Waits for what was handed over, and hands over the rest.
    private void lastWord(Ledger ledger) throws InterruptedException {
        var end = System.nanoTime() + LAST_WORD_MAX.toNanos();
        while (!lost && (keeping || ledger.hasNews()) && System.nanoTime() - end < 0) {
            var rings = bell.rings();
            if (kept != null) {
                lost |= kept == Keeper.Outcome.LOST;
                kept = null;
                keeping = false;
            }
            note(ledger, true);
            bell.await(rings, Duration.ofMillis(100));
        }
    }
}
