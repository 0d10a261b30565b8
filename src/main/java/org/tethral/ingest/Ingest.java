package org.tethral.ingest;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.device.DeviceId;

/// The way in for everything that devices report: bounded, in order per device, many messages per
/// commit. An answer is given when the message is durable, never before.
///
/// Devices are divided among lanes by their id; each lane has one queue, one thread and one
/// connection to the database. SQLite has one writer and so one lane.
public final class Ingest implements AutoCloseable {

    /// Told what becomes of a message, on the lane's thread. Must return at once: hand over to your
    /// own thread.
    @FunctionalInterface
    public interface Reply {
        void answered(Answer answer);
    }

    /// Sees what was committed, in order per device, on the lane's thread. Must return at once and
    /// must not throw; who can fall behind keeps its own bounded queue.
    @FunctionalInterface
    public interface Listener {
        void committed(List<Fact> facts);
    }

    /// @param problem why nothing can be stored at the moment; null when all is well
    public record Health(@Nullable String problem, @Nullable Instant since, int waiting) {
        public boolean ok() {
            return problem == null;
        }
    }

    /// Messages that wait in one lane, at most.
    public static final int WAITING_MAX = InboundQueue.QUEUE_LENGTH_MAX;

    private static final Logger LOG = LoggerFactory.getLogger(Ingest.class);

    private final List<Lane> lanes;
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private final List<Runnable> batchEnds = new CopyOnWriteArrayList<>();

    /// @param journals opens the journal of lane 0, 1, …
    public Ingest(
            int laneCount,
            IntFunction<Journal> journals,
            InstantSource clock,
            MeterRegistry meters) {
        var made = new ArrayList<Lane>();
        for (int i = 0; i < laneCount; i++) {
            made.add(
                    new Lane(
                            i,
                            journals.apply(i),
                            clock,
                            Pace.REAL,
                            meters,
                            this::handOn,
                            this::batchAnswered));
        }
        this.lanes = List.copyOf(made);
    }

    public void start() {
        lanes.forEach(Lane::start);
    }

    /// Takes a message for its answer to come. False: the queue is full, the message was not taken;
    /// see [#whenRoom].
    ///
    /// @param bytes the size of the message as it came, for the bound on memory
    public boolean offer(Inbound message, int bytes, Reply reply) {
        return lane(message.device().id()).offer(new Submission(message, null), bytes, reply);
    }

    /// As [#offer], with a posting that is written in the same commit if the message is stored, and
    /// not at all if it is refused.
    public boolean offer(Inbound message, Posting beside, int bytes, Reply reply) {
        return lane(message.device().id()).offer(new Submission(message, beside), bytes, reply);
    }

    /// Takes a posting for its answer to come; postings are written in the order in which they were
    /// taken, but for commands to one device. False: the queue is full, it was not taken; see
    /// [#whenRoomToPost].
    ///
    /// @param bytes its size, for the bound on memory
    public boolean post(Posting posting, int bytes, Reply reply) {
        return lane(posting).offer(new Submission(null, posting), bytes, reply);
    }

    /// A command goes the way of its device, which will answer it.
    private Lane lane(Posting posting) {
        return posting instanceof Posting.Issued(var command, var dispatches, _, _)
                        && command.targetCount() == 1
                ? lane(dispatches.getFirst().device())
                : lanes.getFirst();
    }

    /// As [#offer], for callers that wait: completes with the answer.
    ///
    /// @throws QueueFull at once, through the future
    public CompletableFuture<Answer> submit(Inbound message) {
        var answer = new CompletableFuture<Answer>();
        if (!offer(message, 0, answer::complete)) {
            answer.completeExceptionally(new QueueFull());
        }
        return answer;
    }

    /// Runs the action once, on a lane's thread, when that device's lane has room again.
    public void whenRoom(DeviceId device, Runnable action) {
        lane(device).whenRoom(action);
    }

    /// Runs the action once, on a lane's thread, when there is room for such a posting again.
    public void whenRoomToPost(Posting posting, Runnable action) {
        lane(posting).whenRoom(action);
    }

    /// From now on, the listener sees what is committed.
    public void listen(Listener listener) {
        listeners.add(listener);
    }

    /// Runs the action on the lane's thread each time all answers of a commit have been given, so
    /// that an adapter can send them together.
    public void onBatchAnswered(Runnable action) {
        batchEnds.add(action);
    }

    /// The registry changed the device: what is remembered of it is read again.
    public void forget(DeviceId device) {
        lane(device).forget(device);
    }

    /// Brings the kept roll-ups of the device up to what is committed; waits for it, a few seconds
    /// at most.
    public void settleRollups(DeviceId device) {
        lane(device).settleRollups(device);
    }

    public Health health() {
        int waiting = lanes.stream().mapToInt(Lane::waiting).sum();
        for (var lane : lanes) {
            var trouble = lane.trouble();
            if (trouble != null) {
                return new Health(trouble.reason(), trouble.since(), waiting);
            }
        }
        return new Health(null, null, waiting);
    }

    /// From the queue to the answer, of the oldest message of each commit of late: 0.5 and 0.99,
    /// each of the lane in which it takes longest.
    public Map<Double, Double> latencyMillis() {
        var slowest = new TreeMap<Double, Double>();
        for (var lane : lanes) {
            lane.latencyMillis()
                    .forEach((quantile, millis) -> slowest.merge(quantile, millis, Math::max));
        }
        return slowest;
    }

    /// Takes nothing more, commits and answers what was taken (unless the database is away), and
    /// ends.
    @Override
    public void close() {
        lanes.forEach(Lane::stopTaking);
        lanes.forEach(Lane::close);
    }

    private Lane lane(DeviceId device) {
        return lanes.size() == 1
                ? lanes.getFirst()
                : lanes.get(Math.floorMod(device.value().hashCode() * 0x9E3779B9, lanes.size()));
    }

    private void handOn(List<Fact> facts) {
        for (var listener : listeners) {
            try {
                listener.committed(facts);
            } catch (RuntimeException e) {
                LOG.atError().setCause(e).log("a listener failed to take committed facts");
            }
        }
    }

    private void batchAnswered() {
        batchEnds.forEach(Runnable::run);
    }

    /// The inbound queue is full; try again shortly.
    public static final class QueueFull extends RuntimeException {
        private static final long serialVersionUID = 1L;

        QueueFull() {
            super("the inbound queue is full; try again shortly", null, false, false);
        }
    }
}
