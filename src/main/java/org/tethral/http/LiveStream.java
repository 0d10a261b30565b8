package org.tethral.http;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.device.DeviceId;
import org.tethral.ingest.Fact;
import org.tethral.ingest.Ingest;
import org.tethral.json.Json;
import org.tethral.kernel.Document;

/// `/api/v1/live`: what is committed, as it is committed, for pages. Nothing is kept for who is
/// away or slow: it is told how much it missed, and goes on with what is new.
final class LiveStream {

    /// Facts that wait for one subscriber. With [#PAUSE] this also bounds what one subscriber
    /// costs: 5,000 facts a second.
    static final int WAITING_MAX = 500;

    private static final Duration PAUSE = Duration.ofMillis(100);
    private static final Duration HEARTBEAT_EVERY = Duration.ofSeconds(15);

    private final List<Subscriber> subscribers = new CopyOnWriteArrayList<>();

    LiveStream(Ingest ingest) {
        ingest.listen(facts -> subscribers.forEach(subscriber -> subscriber.offer(facts)));
    }

    void on(Operations.Target operations) {
        operations.on(
                "live",
                request -> {
                    var device = request.query("device_id", DeviceId::new);
                    var community = request.community();
                    return new Reply.Streamed(
                            "text/event-stream",
                            output -> follow(new Subscriber(device, community), output));
                });
    }

    private void follow(Subscriber subscriber, Output output) throws InterruptedException {
        subscribers.add(subscriber);
        try {
            output.write(": live\n\n");
            while (true) {
                output.write(text(output.await(subscriber::take)));
                output.await(() -> {
                    Thread.sleep(PAUSE);
                    return PAUSE;
                });
            }
        } finally {
            subscribers.remove(subscriber);
        }
    }

    private static String text(Taken taken) {
        if (taken.facts().isEmpty() && taken.lost() == 0) {
            return ": heartbeat\n\n";
        }
        var text = new StringBuilder(taken.facts().size() * 160);
        for (var fact : taken.facts()) {
            append(text, fact);
        }
        if (taken.lost() > 0) {
            append(text, "lost", new Fields().number("count", taken.lost()).document());
        }
        return text.toString();
    }

    private static void append(StringBuilder text, Fact fact) {
        switch (fact) {
            case Fact.Reported(var snapshot, _) ->
                    append(text, "reported", StateJson.snapshot(snapshot));
            case Fact.StateMoved(var change, _) -> append(text, "state", StateJson.change(change));
            case Fact.Linked(_, var entry, _) ->
                    append(text, "connection", ConnectionRoutes.document(entry));
            case Fact.DesiredChanged changed ->
                    append(
                            text,
                            "desired",
                            new Fields()
                                    .word("device_id", changed.device())
                                    .value("desired", changed.desired())
                                    .number("version", changed.version())
                                    .value("delta", changed.delta())
                                    .document());
            case Fact.Configured changed ->
                    append(
                            text,
                            "configuration",
                            new Fields()
                                    .word("device_id", changed.device())
                                    .value("configuration", changed.configuration())
                                    .document());
            case Fact.DispatchMoved(_, var after, _) ->
                    append(
                            text,
                            "command",
                            new Fields()
                                    .word("device_id", after.device())
                                    .word("command_id", after.command())
                                    .word("command_name", after.terms().name())
                                    .word("status", after.stage().status().word())
                                    .document());
            case Fact.Happened _ -> {} // see the event stream
        }
    }

    private static void append(StringBuilder text, String kind, Document data) {
        text.append("event: ")
                .append(kind)
                .append("\ndata: ")
                .append(Json.write(data))
                .append("\n\n");
    }

    private record Taken(List<Fact> facts, long lost) {}

    /// What waits for one receiver; the newest make room for nothing, they are counted and dropped.
    private static final class Subscriber {

        private final @Nullable DeviceId device;
        private final @Nullable CommunityId community;
        private final ArrayDeque<Fact> waiting = new ArrayDeque<>();
        private long lost;

        /// Null: any.
        Subscriber(@Nullable DeviceId device, @Nullable CommunityId community) {
            this.device = device;
            this.community = community;
        }

        synchronized void offer(List<Fact> facts) {
            var before = waiting.size() + lost;
            for (var fact : facts) {
                if (fact instanceof Fact.Happened
                        || device != null && !device.equals(fact.device())
                        || community != null && !community.equals(fact.community())) {
                    continue;
                }
                if (waiting.size() < WAITING_MAX) {
                    waiting.add(fact);
                } else {
                    lost++;
                }
            }
            if (waiting.size() + lost > before) {
                notifyAll();
            }
        }

        /// What there is, waiting for it up to a heartbeat's time.
        synchronized Taken take() throws InterruptedException {
            var end = System.nanoTime() + HEARTBEAT_EVERY.toNanos();
            for (var left = HEARTBEAT_EVERY.toNanos();
                    waiting.isEmpty() && lost == 0 && left > 0;
                    left = end - System.nanoTime()) {
                TimeUnit.NANOSECONDS.timedWait(this, left);
            }
            var taken = new Taken(new ArrayList<>(waiting), lost);
            waiting.clear();
            lost = 0;
            return taken;
        }
    }
}
