package org.tethral.ingest;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.device.DeviceId;
import org.tethral.kernel.StorageException;

/// One queue, one thread, one journal: takes what waits, commits it together, answers, hands on.
/// While the database is away it keeps what it has and tries again; a message that the database
/// refuses is found by halving the batch, and fails alone.
final class Lane {

    static final int BATCH_MESSAGES_MAX = 4_096;
    static final long BATCH_BYTES_MAX = 4L * 1024 * 1024;
    static final int SETTLING_MAX = 1_024;
    private static final int CONFLICTS_IN_A_ROW_MAX = 20;
    private static final Duration SETTLE_WAIT_MAX = Duration.ofSeconds(5);
    private static final Duration CLOSE_WAIT_MAX = Duration.ofSeconds(10);
    private static final Logger LOG = LoggerFactory.getLogger(Lane.class);

    record Trouble(String reason, Instant since) {}

    private record Settling(DeviceId device, CompletableFuture<Void> done) {}

    private final InboundQueue queue = new InboundQueue();
    private final BlockingQueue<Settling> settling = new ArrayBlockingQueue<>(SETTLING_MAX);
    private final Set<DeviceId> changed = ConcurrentHashMap.newKeySet();
    private final Journal journal;
    private final InstantSource clock;
    private final Pace pace;
    private final LaneMeters meters;
    private final Consumer<List<Fact>> handOn;
    private final Runnable batchAnswered;
    private final Thread thread;
    private final UnkeptRollups rollups;
    private final Allowance allowance;
    private final Memory memory = new Memory();
    private volatile @Nullable Trouble trouble;
    private volatile boolean allChanged;
    private volatile boolean abandoned;
    private long committed;

    Lane(
            int index,
            Journal journal,
            InstantSource clock,
            Pace pace,
            MeterRegistry registry,
            Consumer<List<Fact>> handOn,
            Runnable batchAnswered) {
        this.journal = journal;
        this.clock = clock;
        this.pace = pace;
        this.meters = new LaneMeters(registry, index, queue::size, clock);
        this.handOn = handOn;
        this.batchAnswered = batchAnswered;
        this.committed = journal.lastCommitted();
        this.rollups = new UnkeptRollups(pace.nanos());
        this.allowance = new Allowance(pace.nanos());
        this.thread = Thread.ofPlatform().name("ingest-" + index).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    boolean offer(Submission submission, int bytes, Ingest.Reply reply) {
        var taken = queue.offer(submission, bytes, reply);
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

    Map<Double, Double> latencyMillis() {
        return meters.latencyMillis();
    }

    @Nullable Trouble trouble() {
        return trouble;
    }

    /// Taken into account by the next batch.
    void forget(DeviceId device) {
        if (changed.size() < Memory.SITUATIONS_MAX) {
            changed.add(device);
        } else {
            allChanged = true;
        }
    }

    void settleRollups(DeviceId device) {
        var doing = "bring roll-ups of " + device + " up to date";
        var request = new Settling(device, new CompletableFuture<>());
        if (!settling.offer(request)) {
            throw new StorageException(
                    StorageException.Cause.UNAVAILABLE, doing + ": too many ask");
        }
        queue.ring();
        try {
            request.done().get(SETTLE_WAIT_MAX.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            throw new StorageException(StorageException.Cause.UNAVAILABLE, doing, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StorageException(StorageException.Cause.UNAVAILABLE, doing, e);
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
                thread.join(CLOSE_WAIT_MAX);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        journal.close();
    }

    private void run() {
        try {
            while (!queue.closedAndEmpty()) {
                turn(Long.MAX_VALUE);
            }
            keepAllRollups();
        } catch (InterruptedException e) {
            LOG.atWarn()
                    .addKeyValue("unanswered", queue.size())
                    .log("ingest ends before all was stored");
        } catch (RuntimeException | Error e) {
            LOG.atError().setCause(e).log("an ingest lane ended by a fault");
            trouble = new Trouble("an ingest lane ended by a fault: " + e, clock.instant());
            queue.close();
        }
    }

    /// One round: waits for messages, or until roll-ups are due.
    void turn(long waitNanosMax) throws InterruptedException {
        var wait = allowance.waitNanos(pace.nanos());
        if (wait > 0) {
            pace.pause(Duration.ofNanos(wait));
        }
        var entries =
                queue.take(
                        BATCH_MESSAGES_MAX,
                        BATCH_BYTES_MAX,
                        Math.min(waitNanosMax, rollups.waitNanos(pace.nanos())));
        forgetChanged();
        var asked = new ArrayList<Settling>();
        settling.drainTo(asked);
        var portion =
                rollups.next(
                        pace.nanos(),
                        asked.stream().map(Settling::device).collect(Collectors.toSet()));
        if (entries.isEmpty() || !process(entries, portion)) {
            keep(portion);
        }
        asked.forEach(request -> request.done().complete(null));
        queue.relieved().forEach(Runnable::run);
    }

    void keepAllRollups() throws InterruptedException {
        rollups.hurry(pace.nanos());
        for (var portion = rollups.next(pace.nanos(), Set.of());
                !portion.isEmpty();
                portion = rollups.next(pace.nanos(), Set.of())) {
            keep(portion);
        }
    }

    private void forgetChanged() {
        if (allChanged) {
            allChanged = false;
            memory.forgetSituations();
        }
        changed.removeIf(device -> {
            memory.forget(device);
            return true;
        });
    }

    /// True when the roll-ups were committed with the messages.
    private boolean process(List<InboundQueue.Entry> entries, UnkeptRollups.Portion portion)
            throws InterruptedException {
        var batch = new Batch(entries.stream().map(InboundQueue.Entry::submission).toList());
        try {
            commit(batch, portion);
        } catch (RuntimeException e) {
            memory.forget(batch);
            if (portion.isEmpty()) {
                isolate(entries, e);
            } else {
                process(
                        entries,
                        UnkeptRollups.Portion.NONE); // which of the two it refuses is seen then
            }
            return false;
        }
        rollups.kept(portion);
        memory.keep(batch);
        rollups.gather(batch.facts());
        answer(entries, batch.answers());
        handOn.accept(batch.facts());
        batchAnswered.run();
        return true;
    }

    /// The batch holds something that the database will never take: halves it until that message is
    /// alone.
    private void isolate(List<InboundQueue.Entry> entries, RuntimeException why)
            throws InterruptedException {
        if (entries.size() > 1) {
            var middle = entries.size() / 2;
            process(entries.subList(0, middle), UnkeptRollups.Portion.NONE);
            process(entries.subList(middle, entries.size()), UnkeptRollups.Portion.NONE);
            return;
        }
        var entry = entries.getFirst();
        LOG.atWarn()
                .addKeyValue("device_id", entry.submission().device())
                .addKeyValue("reason", why.getMessage())
                .log("message refused by the database");
        meters.refused();
        answer(entries, List.of(new Answer.Unstorable("the database refuses this message")));
        batchAnswered.run();
    }

    private void keep(UnkeptRollups.Portion portion) throws InterruptedException {
        if (portion.isEmpty()) {
            return;
        }
        try {
            commit(new Batch(List.of()), portion);
            rollups.kept(portion);
        } catch (RuntimeException e) {
            LOG.atError()
                    .addKeyValue("rollups", portion.rollups().size())
                    .addKeyValue("reason", e.getMessage())
                    .log("roll-ups refused by the database; they are made again at the next start");
            rollups.giveUp();
        }
    }

    /// Returns when the batch is durable; as long as the database is away, it does not return.
    ///
    /// @throws RuntimeException it will never be: REFUSED, or a fault of the program
    private void commit(Batch batch, UnkeptRollups.Portion portion) throws InterruptedException {
        var number = committed + 1;
        var backOff = new BackOff(pace);
        for (int conflicts = 0; ; ) {
            try {
                var now = clock.instant();
                // false: the attempt before was durable, and the batch is as that one left it
                var _ =
                        journal.commit(
                                number,
                                transaction -> batch.run(transaction, memory, portion, now));
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
                        memory.forget(batch);
                        if (++conflicts > CONFLICTS_IN_A_ROW_MAX) {
                            inTrouble(e);
                            backOff.pause();
                        }
                    }
                    case UNAVAILABLE -> {
                        inTrouble(e);
                        backOff.pause();
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
            try {
                entries.get(i).reply().answered(answers.get(i));
            } catch (RuntimeException e) {
                LOG.atError().setCause(e).log("an adapter failed to take an answer");
            }
        }
        noteForeign(entries, answers);
        meters.answered(entries.size(), now - entries.getFirst().offeredNanos());
    }

    /// Devices that answer a command that was sent to another one, or to nobody.
    private void noteForeign(List<InboundQueue.Entry> entries, List<Answer> answers) {
        for (int i = 0; i < answers.size(); i++) {
            if (answers.get(i) instanceof Answer.UnknownCommand
                    && entries.get(i).submission().message() instanceof Inbound.CommandStep step
                    && step.isAnswer()) {
                meters.foreignAnswer();
                LOG.atDebug()
                        .addKeyValue("device_id", step.device().id())
                        .addKeyValue("command_id", step.command())
                        .log("an answer to a command that was not sent to this device");
            }
        }
    }

    /// 50 ms, doubling up to 2 s.
    private static final class BackOff {

        private static final Duration MAX = Duration.ofSeconds(2);
        private final Pace pace;
        private Duration next = Duration.ofMillis(50);

        BackOff(Pace pace) {
            this.pace = pace;
        }

        void pause() throws InterruptedException {
            pace.pause(next);
            next = next.multipliedBy(2).compareTo(MAX) < 0 ? next.multipliedBy(2) : MAX;
        }
    }
}
