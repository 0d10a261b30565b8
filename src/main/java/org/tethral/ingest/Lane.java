package org.tethral.ingest;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.device.DeviceId;
import org.tethral.kernel.StorageException;
import org.tethral.state.Rollup;
import org.tethral.state.RollupLedger;

/// One queue, one thread, one journal: takes what waits, commits it together, answers, hands on.
/// While the database is away it keeps what it has and tries again; a message that the database
/// refuses is found by halving the batch, and fails alone.
final class Lane {

    static final int BATCH_MESSAGES_MAX = 4_096;
    static final Duration ROLLUPS_EVERY = Duration.ofSeconds(10);
    static final int ROLLUPS_GATHERED_MAX = 50_000;
    static final int SITUATIONS_REMEMBERED_MAX = 20_000;
    private static final int CONFLICTS_IN_A_ROW_MAX = 20;
    private static final Duration SETTLE_WAIT_MAX = Duration.ofSeconds(5);
    private static final Duration CLOSE_WAIT_MAX = Duration.ofSeconds(10);
    private static final Logger LOG = LoggerFactory.getLogger(Lane.class);

    record Trouble(String reason, Instant since) {}

    private sealed interface Request {
        record Forget(DeviceId device) implements Request {}

        record Settle(DeviceId device, CompletableFuture<Void> done) implements Request {}
    }

    private final InboundQueue queue = new InboundQueue();
    private final ConcurrentLinkedQueue<Request> requests = new ConcurrentLinkedQueue<>();
    private final Journal journal;
    private final InstantSource clock;
    private final LaneMeters meters;
    private final Consumer<List<Fact>> handOn;
    private final Runnable batchAnswered;
    private final Thread thread;
    private final RollupLedger ledger = new RollupLedger();
    private final Map<DeviceId, Situation> remembered = new Remembered();
    private volatile @Nullable Trouble trouble;
    private volatile boolean abandoned;
    private long committed;
    private long lastSnapshot;
    private long rollupsDueNanos = System.nanoTime() + ROLLUPS_EVERY.toNanos();

    /// The situations of the devices heard last.
    private static final class Remembered extends LinkedHashMap<DeviceId, Situation> {
        private static final long serialVersionUID = 1L;

        Remembered() {
            super(256, 0.75f, true);
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<DeviceId, Situation> eldest) {
            return size() > SITUATIONS_REMEMBERED_MAX;
        }
    }

    Lane(
            int index,
            Journal journal,
            InstantSource clock,
            MeterRegistry registry,
            Consumer<List<Fact>> handOn,
            Runnable batchAnswered) {
        this.journal = journal;
        this.clock = clock;
        this.meters = new LaneMeters(registry, index, queue::size);
        this.handOn = handOn;
        this.batchAnswered = batchAnswered;
        this.committed = journal.lastCommitted();
        this.thread = Thread.ofPlatform().name("ingest-" + index).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    boolean offer(Inbound message, int bytes, Ingest.Reply reply) {
        var taken = queue.offer(message, bytes, reply);
        if (!taken) {
            meters.turnedAway();
        }
        return taken;
    }

    void whenRoom(Runnable action) {
        queue.whenRoom(action);
    }

    int waiting() {
        return queue.size();
    }

    @Nullable Trouble trouble() {
        return trouble;
    }

    void forget(DeviceId device) {
        requests.add(new Request.Forget(device));
    }

    void settleRollups(DeviceId device) {
        var done = new CompletableFuture<Void>();
        requests.add(new Request.Settle(device, done));
        queue.ring();
        try {
            done.get(SETTLE_WAIT_MAX.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new StorageException(
                    StorageException.Cause.UNAVAILABLE,
                    "bring roll-ups of " + device + " up to date",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            throw new StorageException(
                    StorageException.Cause.UNAVAILABLE,
                    "bring roll-ups of " + device + " up to date",
                    e);
        }
    }

    void stopTaking() {
        queue.close();
    }

    void close() {
        try {
            if (!thread.join(CLOSE_WAIT_MAX)) {
                abandoned = true;
                thread.interrupt();
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        journal.close();
    }

    private void run() {
        try {
            while (!queue.closedAndEmpty()) {
                var entries =
                        queue.take(
                                BATCH_MESSAGES_MAX,
                                Math.max(1, rollupsDueNanos - System.nanoTime()));
                serveRequests();
                if (!entries.isEmpty()) {
                    process(entries);
                } else if (rollupsDue()) {
                    flushRollups();
                }
                queue.relieved().forEach(Runnable::run);
            }
            flushRollups();
        } catch (InterruptedException e) {
            LOG.atWarn()
                    .addKeyValue("unanswered", queue.size())
                    .log("ingest ends before all was stored");
        }
    }

    private void serveRequests() throws InterruptedException {
        for (var request = requests.poll(); request != null; request = requests.poll()) {
            switch (request) {
                case Request.Forget(var device) -> remembered.remove(device);
                case Request.Settle(var device, var done) -> {
                    var rollups = ledger.of(device);
                    if (!rollups.isEmpty()) {
                        commit(new Batch(List.of()), rollups, 0);
                        ledger.clear(device);
                    }
                    done.complete(null);
                }
            }
        }
    }

    private void process(List<InboundQueue.Entry> entries) throws InterruptedException {
        var batch = new Batch(entries.stream().map(InboundQueue.Entry::message).toList());
        var withRollups = rollupsDue();
        try {
            commit(batch, withRollups ? ledger.all() : List.of(), withRollups ? lastSnapshot : 0);
        } catch (StorageException | IllegalStateException | IllegalArgumentException e) {
            isolate(entries, e);
            return;
        }
        if (withRollups) {
            rolledUp();
        }
        batch.situations().forEach(situation -> remembered.put(situation.device(), situation));
        gather(batch.facts());
        answer(entries, batch.answers());
        handOn.accept(batch.facts());
        batchAnswered.run();
    }

    /// The batch holds something that the database will never take: halves it until that message is
    /// alone.
    private void isolate(List<InboundQueue.Entry> entries, RuntimeException why)
            throws InterruptedException {
        entries.forEach(entry -> remembered.remove(entry.message().device().id()));
        if (entries.size() > 1) {
            var middle = entries.size() / 2;
            process(entries.subList(0, middle));
            process(entries.subList(middle, entries.size()));
            return;
        }
        var entry = entries.getFirst();
        LOG.atWarn()
                .addKeyValue("device_id", entry.message().device().id())
                .addKeyValue("reason", why.getMessage())
                .log("message refused by the database");
        meters.refused();
        entry.reply().answered(new Answer.Unstorable("the database refuses this message"));
        batchAnswered.run();
    }

    /// Returns when the batch is durable; as long as the database is away, it does not return.
    private void commit(Batch batch, Collection<Rollup> rollups, long rolledUpTo)
            throws InterruptedException {
        var number = committed + 1;
        var backOff = new BackOff();
        for (int conflicts = 0; ; ) {
            try {
                var now = clock.instant();
                journal.commit(
                        number,
                        transaction ->
                                batch.run(transaction, remembered, rollups, rolledUpTo, now));
                committed = number;
                recovered();
                return;
            } catch (StorageException e) {
                switch (e.kind()) {
                    case REFUSED -> {
                        recovered();
                        throw e;
                    }
                    case CONFLICT -> {
                        batch.devices().forEach(remembered::remove);
                        if (++conflicts > CONFLICTS_IN_A_ROW_MAX) {
                            inTrouble(e);
                            backOff.sleep();
                        }
                    }
                    case UNAVAILABLE -> {
                        inTrouble(e);
                        backOff.sleep();
                    }
                }
                if (abandoned) {
                    throw new InterruptedException("closing");
                }
            }
        }
    }

    private void inTrouble(StorageException e) {
        if (trouble == null) {
            trouble = new Trouble(String.valueOf(e.getMessage()), clock.instant());
            LOG.atError()
                    .addKeyValue("reason", e.getMessage())
                    .log("database does not take commits; trying again");
        }
    }

    private void recovered() {
        var was = trouble;
        if (was != null) {
            trouble = null;
            LOG.atInfo().addKeyValue("since", was.since()).log("database takes commits again");
        }
    }

    private void answer(List<InboundQueue.Entry> entries, List<Answer> answers) {
        var now = System.nanoTime();
        for (int i = 0; i < entries.size(); i++) {
            entries.get(i).reply().answered(answers.get(i));
        }
        meters.committed(entries.size(), now - entries.getFirst().offeredNanos());
    }

    private void gather(List<Fact> facts) {
        for (var fact : facts) {
            if (fact instanceof Fact.Reported(var snapshot, _)) {
                ledger.add(snapshot);
                lastSnapshot = snapshot.sequence();
            }
        }
    }

    private boolean rollupsDue() {
        return System.nanoTime() - rollupsDueNanos >= 0 || ledger.size() > ROLLUPS_GATHERED_MAX;
    }

    private void flushRollups() throws InterruptedException {
        if (lastSnapshot > 0 && ledger.size() > 0) {
            commit(new Batch(List.of()), ledger.all(), lastSnapshot);
        }
        rolledUp();
    }

    private void rolledUp() {
        ledger.clear();
        rollupsDueNanos = System.nanoTime() + ROLLUPS_EVERY.toNanos();
    }

    /// 50 ms, doubling up to 2 s.
    private static final class BackOff {
        private long millis = 50;

        void sleep() throws InterruptedException {
            TimeUnit.MILLISECONDS.sleep(millis);
            millis = Math.min(2_000, millis * 2);
        }
    }
}
