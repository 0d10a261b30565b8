package org.tethral.alert;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.event.Lookout;
import org.tethral.kernel.StorageException;
import org.tethral.state.HistoryStore;
import org.tethral.state.StateStore;

/// Holds what was committed against the rules, on a thread of its own. What does not fit its queue,
/// or was committed while nobody looked, is read from the database.
public final class Alerting implements AutoCloseable {

    /// Waiting to be looked at; what comes beyond is looked up when there is time.
    static final int OBSERVATIONS_WAITING_MAX = 16_384;

    static final Duration LOOK_EVERY = Duration.ofMillis(250);
    private static final Duration RULES_READ_EVERY = Duration.ofSeconds(1);
    private static final Duration MARK_EVERY = Duration.ofSeconds(5);

    /// A node that did not write for so long is gone, and others look at what it left.
    private static final Duration NODE_GONE_AFTER = Duration.ofSeconds(20);

    private static final int TAKEN_AT_ONCE_MAX = 2_048;
    private static final int TIMERS_AT_ONCE_MAX = 500;
    private static final Logger LOG = LoggerFactory.getLogger(Alerting.class);

    private final AlertStore rules;
    private final WatchStore store;
    private final Rounds rounds;
    private final String node;
    private final InstantSource clock;
    private final BlockingQueue<Observation> waiting =
            new ArrayBlockingQueue<>(OBSERVATIONS_WAITING_MAX);
    private final AtomicReference<@Nullable Instant> missedSince = new AtomicReference<>();
    private final Lookout lookout = new Lookout("alerts", LOOK_EVERY, this::round, this::failed);
    private volatile RuleBook book = RuleBook.EMPTY;
    private boolean rulesChanged = true;
    private boolean first = true;
    private @Nullable Instant lookedUpTo;
    private long rulesReadNanos;
    private long markedNanos;

    /// @param node the name of this process among those that share the database
    public Alerting(
            AlertStore rules,
            WatchStore store,
            HistoryStore history,
            StateStore states,
            String node,
            InstantSource clock) {
        this.rules = rules;
        this.store = store;
        this.rounds = new Rounds(store, history, states, clock);
        this.node = node;
        this.clock = clock;
    }

    public void start() {
        lookout.start();
    }

    /// What is looked for at present; on any thread.
    public RuleBook book() {
        return book;
    }

    /// Takes what was committed, in order per device. On any thread; returns at once.
    public void offer(Observation observation) {
        if (!waiting.offer(observation)) {
            missedSince.accumulateAndGet(clock.instant(), Alerting::earlier);
        }
        lookout.ring();
    }

    private static @Nullable Instant earlier(@Nullable Instant one, @Nullable Instant other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return one.isBefore(other) ? one : other;
    }

    private void failed(RuntimeException failure) {
        rounds.forgetAll(); // it may be ahead of what is written
        if (failure instanceof StorageException) {
            missedSince.accumulateAndGet(lookedUpTo, Alerting::earlier);
        } // else what was taken is lost to the rules, or the same fault would come for ever
    }

    /// True: more waits.
    boolean round() {
        readRules();
        if (book.isEmpty()) {
            waiting.clear();
            lookedUpTo = null; // a rule that is made later is not about what is before it
            missedSince.set(null);
            first = false;
            rulesChanged = !store.unexamined().isEmpty();
            return rulesChanged;
        }
        if (lookedUpTo == null) {
            begin();
        }
        var now = clock.instant();
        var missed = missedSince.getAndSet(null);
        var taken = new ArrayList<Observation>();
        waiting.drainTo(taken, TAKEN_AT_ONCE_MAX);
        var more = !waiting.isEmpty();
        try {
            rounds.look(book, taken);
            if (missed != null) {
                rounds.catchUp(book, missed);
            }
        } catch (StorageException e) {
            missedSince.accumulateAndGet(missed, Alerting::earlier);
            throw e;
        }
        rulesChanged |= rounds.examine(book);
        more |= rounds.elapse(book, TIMERS_AT_ONCE_MAX);
        if (waiting.isEmpty()) {
            lookedUpTo = now;
        }
        mark(now);
        return more;
    }

    private void readRules() {
        var nanos = System.nanoTime();
        if (rulesChanged || nanos - rulesReadNanos > RULES_READ_EVERY.toNanos()) {
            rulesChanged = false;
            rulesReadNanos = nanos;
            book = new RuleBook(rules.rules(null));
        }
    }

    /// Goes on where this node was when it ended.
    private void begin() {
        var now = clock.instant();
        if (first) {
            for (var since : store.left(node, true, now)) {
                rounds.catchUp(book, since);
            }
        }
        first = false;
        lookedUpTo = now;
        store.looked(node, now, now);
    }

    private void mark(Instant now) {
        var upTo = lookedUpTo;
        if (upTo == null || System.nanoTime() - markedNanos < MARK_EVERY.toNanos()) {
            return;
        }
        markedNanos = System.nanoTime();
        store.looked(node, upTo, now);
        for (var since : store.left(node, false, now.minus(NODE_GONE_AFTER))) {
            LOG.atInfo().addKeyValue("since", since).log("look at what a node left that is gone");
            missedSince.accumulateAndGet(since, Alerting::earlier);
        }
    }

    @Override
    public void close() {
        lookout.close();
    }
}
