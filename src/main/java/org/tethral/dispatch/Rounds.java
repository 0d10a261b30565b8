package org.tethral.dispatch;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.command.CommandStatus;
import org.tethral.command.Dispatch;
import org.tethral.command.DispatchQueue;
import org.tethral.command.DispatchStep;
import org.tethral.command.Nodes;
import org.tethral.device.DeviceId;
import org.tethral.ingest.Answer;
import org.tethral.ingest.Inbound;
import org.tethral.ingest.Ingest;
import org.tethral.kernel.Routine;
import org.tethral.kernel.StorageException;

/// What time brings: attempts that are due, deadlines, expiries, also of devices that are away; and
/// nodes that died with what they had claimed. Found by index, a bounded number at a time.
public final class Rounds implements AutoCloseable {

    static final Duration EVERY = Duration.ofMillis(500);
    static final int DUE_AT_ONCE_MAX = 1_000;

    /// A node that lives says so that many times before others take it for dead.
    static final int BEATS_BEFORE_DEATH = 5;

    /// A node that did not say for so long that it lives has died.
    public static final Duration DEAD_AFTER = Duration.ofSeconds(10);

    private static final Duration CLEAR_EVERY = Duration.ofMinutes(1);
    private static final Duration UNISSUED_KEPT_FOR = Duration.ofMinutes(10);
    private static final Duration ANSWER_WAIT_MAX = Duration.ofSeconds(30);
    private static final Logger LOG = LoggerFactory.getLogger(Rounds.class);

    private record Heard(long beats, long atNanos) {}

    private final Ingest ingest;
    private final Dispatcher dispatcher;
    private final DispatchQueue queue;
    private final Nodes nodes;
    private final String node;
    private final InstantSource clock;
    private final Duration deadAfter;
    private final Routine rounds =
            new Routine("command-rounds", EVERY, this::round, Rounds::failed);
    private final Map<String, Heard> heard = new HashMap<>();
    private volatile Set<String> others = Set.of();
    private long beatNanos = System.nanoTime();
    private long clearNanos = System.nanoTime() - CLEAR_EVERY.toNanos();

    public Rounds(
            Ingest ingest,
            Dispatcher dispatcher,
            DispatchQueue queue,
            Nodes nodes,
            String node,
            InstantSource clock,
            Duration deadAfter) {
        this.ingest = ingest;
        this.dispatcher = dispatcher;
        this.queue = queue;
        this.nodes = nodes;
        this.node = node;
        this.clock = clock;
        this.deadAfter = deadAfter;
    }

    /// Gives back what this node had claimed when it ended last, then goes round. To be called when
    /// commits are taken, and before the first device is announced.
    public void start() {
        beat();
        recover(node, "the server was restarted");
        rounds.start();
    }

    /// The other nodes that live.
    Set<String> others() {
        return others;
    }

    private void round() {
        if (System.nanoTime() - beatNanos >= deadAfter.toNanos() / BEATS_BEFORE_DEATH) {
            beat();
        }
        if (System.nanoTime() - clearNanos >= CLEAR_EVERY.toNanos()) {
            clearNanos = System.nanoTime();
            queue.clearUnissued(clock.instant().minus(UNISSUED_KEPT_FOR));
        }
        while (due() == DUE_AT_ONCE_MAX) {
            // a full round is followed by the next one at once
        }
    }

    private static void failed(RuntimeException failure) {
        switch (failure) {
            case StorageException e ->
                    LOG.atDebug()
                            .addKeyValue("reason", e.getMessage())
                            .log("cannot look for due commands now");
            default -> LOG.atError().setCause(failure).log("a round over due commands failed");
        }
    }

    /// How many moved on.
    private int due() {
        var now = clock.instant();
        var steps = new ArrayList<Inbound>();
        for (var due : queue.due(now, others, DUE_AT_ONCE_MAX)) {
            if (due.status() != CommandStatus.PENDING || !dispatcher.look(due.key().device())) {
                steps.add(dispatcher.message(due.key(), new DispatchStep.TimePassed()));
            }
        }
        return take(steps);
    }

    private void beat() {
        beatNanos = System.nanoTime();
        var living = new HashSet<String>();
        var beats = nodes.beat(node, clock.instant());
        heard.keySet().retainAll(beats.keySet());
        for (var entry : beats.entrySet()) {
            var other = entry.getKey();
            if (other.equals(node)) {
                continue;
            }
            var before = heard.get(other);
            if (before == null || before.beats() != entry.getValue()) {
                heard.put(other, new Heard(entry.getValue(), System.nanoTime()));
                living.add(other);
            } else if (System.nanoTime() - before.atNanos() < deadAfter.toNanos()) {
                living.add(other);
            } else {
                LOG.atWarn().addKeyValue("node", other).log("a node has died");
                recover(other, "node " + other + " died");
                nodes.leave(other);
            }
        }
        others = Set.copyOf(living);
    }

    /// What that node was sending when it ended is in flight nowhere.
    private void recover(String from, String reason) {
        var count = 0;
        var some = List.<Dispatch>of();
        do {
            some = queue.claimedBy(from, DUE_AT_ONCE_MAX);
            var steps =
                    some.stream()
                            .map(dispatch ->
                                    dispatcher.message(
                                            dispatch.key(),
                                            new DispatchStep.Lost(
                                                    dispatch.stage().attempts(), reason)))
                            .toList();
            if (!some.isEmpty() && take(steps) == 0) {
                break;
            }
            count += some.size();
        } while (some.size() == DUE_AT_ONCE_MAX);
        if (count > 0) {
            LOG.atInfo()
                    .addKeyValue("node", from)
                    .addKeyValue("commands", count)
                    .log("commands that were under way on a node that ended wait again");
        }
    }

    /// Waits until they are decided; how many led to something.
    private int take(List<Inbound> steps) {
        var answers = new ArrayList<CompletableFuture<Answer>>(steps.size());
        for (var step : steps) {
            answers.add(ingest.submit(step));
        }
        var led = 0;
        var removed = new HashSet<DeviceId>();
        for (int i = 0; i < answers.size(); i++) {
            try {
                var answer = answers.get(i).get(ANSWER_WAIT_MAX.toSeconds(), TimeUnit.SECONDS);
                if (answer instanceof Answer.UnknownDevice) {
                    removed.add(steps.get(i).device().id());
                } else if (Dispatcher.led(answer)) {
                    led++;
                }
            } catch (ExecutionException | TimeoutException e) {
                LOG.atDebug()
                        .addKeyValue("reason", e.getMessage())
                        .log("a due command was not looked at; the next round does");
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return 0;
            }
        }
        queue.endOf(removed, clock.instant());
        return led + removed.size();
    }

    /// Without a good-bye: others will find out.
    void stop() {
        rounds.close();
    }

    @Override
    public void close() {
        stop();
        try {
            nodes.leave(node);
        } catch (StorageException e) {
            LOG.atDebug().addKeyValue("reason", e.getMessage()).log("cannot say good-bye now");
        }
    }
}
