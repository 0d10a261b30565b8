package org.tethral.simulate;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// One simulation under way. Everything happens on one event loop, so nothing is shared between
/// threads.
final class Run {

    private static final int CONNECTING_MAX = 200;
    private static final long TICK_LEAST_NANOS = 100_000;
    private static final Duration DRAIN_MAX = Duration.ofSeconds(10);
    private static final Duration FIRST_CONNECTION_WITHIN = Duration.ofSeconds(15);
    private static final Duration ALL_CONNECTIONS_WITHIN = Duration.ofMinutes(2);
    private static final Duration PROGRESS_EVERY = Duration.ofMillis(200);
    private static final Duration KEEP_ALIVE_EVERY =
            Duration.ofSeconds(MqttLine.KEEP_ALIVE_SECONDS / 4);

    final Plan plan;
    final Payload payload;
    final HttpLine.Heads heads;
    final Tally tally = new Tally();
    private final Watcher watcher;
    private final EventLoop loop;
    private final Bootstrap bootstrap;
    private final SplittableRandom random;
    private final List<Line> lines = new ArrayList<>();
    private final Queue<Line> toConnect = new ArrayDeque<>();
    private final CompletableFuture<Report> finished = new CompletableFuture<>();

    private int connecting;
    private int turn;
    private int readyBeforeStart;
    private boolean anyReady;
    private boolean started;
    private boolean ending;
    private boolean ended;
    private final boolean holding;
    private final CompletableFuture<Void> held = new CompletableFuture<>();
    private long startNanos;
    private long begun;

    /// @param holding the connections are only made and kept: no reports
    Run(Plan plan, Watcher watcher, boolean holding, EventLoop loop, Bootstrap transport) {
        this.holding = holding;
        this.plan = plan;
        this.watcher = watcher;
        this.loop = loop;
        this.payload = new Payload(plan);
        this.heads = new HttpLine.Heads(plan);
        this.random = new SplittableRandom(plan.content().seed());
        this.bootstrap =
                transport
                        .group(loop)
                        .option(
                                ChannelOption.WRITE_BUFFER_WATER_MARK,
                                new WriteBufferWaterMark(1 << 18, 1 << 20));
    }

    CompletableFuture<Report> start() {
        loop.execute(() -> {
            var count =
                    plan.wire() == Plan.Wire.HTTP
                            ? plan.load().connections()
                            : plan.devices().size();
            for (int i = 0; i < count; i++) {
                lines.add(
                        switch (plan.wire()) {
                            case MQTT -> new MqttLine(this, i);
                            case HTTP -> new HttpLine(this, i);
                            case WEBSOCKET -> new WebSocketLine(this, i);
                            case COAP -> new CoapLine(this, i);
                        });
            }
            toConnect.addAll(lines);
            connectMore();
            every(PROGRESS_EVERY, () -> watcher.progress(tally.acknowledged()));
            every(KEEP_ALIVE_EVERY, () -> lines.forEach(Line::keepAlive));
            after(FIRST_CONNECTION_WITHIN.toSeconds(), TimeUnit.SECONDS, this::checkConnected);
            after(ALL_CONNECTIONS_WITHIN.toSeconds(), TimeUnit.SECONDS, this::checkStarted);
        });
        return finished;
    }

    /// Done when all connections are made.
    CompletableFuture<Void> held() {
        return held;
    }

    void stop() {
        loop.execute(() -> guarded(started ? this::stopStarting : this::finish));
    }

    void release() {
        loop.execute(this::finish);
    }

    boolean running() {
        return !ended;
    }

    void after(long delay, TimeUnit unit, Runnable action) {
        var _ =
                loop.schedule(
                        () -> {
                            if (!ended) {
                                guarded(action);
                            }
                        },
                        delay,
                        unit);
    }

    private void every(Duration period, Runnable action) {
        after(
                period.toMillis(),
                TimeUnit.MILLISECONDS,
                () -> {
                    action.run();
                    every(period, action);
                });
    }

    private void guarded(Runnable action) {
        try {
            action.run();
        } catch (RuntimeException e) {
            ended = true;
            finished.completeExceptionally(e);
        }
    }

    // --- connections

    private void connectMore() {
        while (connecting < CONNECTING_MAX && !toConnect.isEmpty() && !ended) {
            var line = toConnect.remove();
            connecting++;
            bootstrap
                    .clone()
                    .handler(
                            new ChannelInitializer<Channel>() {
                                @Override
                                protected void initChannel(Channel channel) {
                                    line.channel = channel;
                                    line.equip(channel.pipeline());
                                }
                            })
                    .connect(plan.server())
                    .addListener((ChannelFuture made) -> connected(line, made));
        }
    }

    private void connected(Line line, ChannelFuture made) {
        connecting--;
        if (!made.isSuccess()) {
            tally.problem("no connection: " + made.cause().getMessage());
            line.lost();
        }
        connectMore();
    }

    /// Somewhere between half of the delay and one and a half, so that not all devices return at
    /// once.
    void connectLater(Line line, long delayMillis) {
        if (ended) {
            return;
        }
        after(
                delayMillis / 2 + random.nextLong(delayMillis),
                TimeUnit.MILLISECONDS,
                () -> {
                    toConnect.add(line);
                    connectMore();
                });
    }

    private void checkConnected() {
        if (!anyReady) {
            fail("no server answers at " + plan.server() + ": " + tally.problems());
        }
    }

    private void checkStarted() {
        if (!started) {
            var connected = lines.stream().filter(Line::everReady).count();
            fail(
                    "only "
                            + connected
                            + " of "
                            + lines.size()
                            + " connections were made: "
                            + tally.problems());
        }
    }

    /// The server does not know that device. One that it knew may be turned away for a while, as
    /// when it restarts.
    void turnedAway(Line line, String reason) {
        var noLogIn = plan.wire() == Plan.Wire.HTTP || plan.wire() == Plan.Wire.COAP;
        if (!line.everReady() || noLogIn && tally.acknowledged() == 0) {
            fail(reason);
        }
    }

    /// @param again it was ready before, and its connection broke
    void lineReady(Line line, boolean again) {
        if (again) {
            tally.reconnected();
        }
        anyReady = true;
        if (!started
                && ++readyBeforeStart >= lines.size()
                && lines.stream().allMatch(Line::everReady)) {
            begin();
        } else if (started) {
            roomOn(line);
        }
    }

    // --- load

    /// All devices are connected: reports begin.
    private void begin() {
        started = true;
        held.complete(null);
        if (holding) {
            ending = true;
            return;
        }
        startNanos = System.nanoTime();
        after(plan.load().length().toMillis(), TimeUnit.MILLISECONDS, this::stopStarting);
        if (plan.load().rate() > 0) {
            tick();
        } else {
            lines.forEach(line -> line.fill(Integer.MAX_VALUE));
        }
    }

    /// Hands out what is due, one report to each line in turn, and comes back when the next one is.
    private void tick() {
        var idle = 0;
        while (!ending && idle < lines.size() && due(begun, System.nanoTime())) {
            turn = (turn + 1) % lines.size();
            idle = lines.get(turn).fill(1) > 0 ? 0 : idle + 1;
        }
        if (!ending) {
            var wait = Math.max(TICK_LEAST_NANOS, dueAt(begun, 0) - System.nanoTime());
            after(
                    idle == lines.size() ? Math.max(wait, TICK_LEAST_NANOS * 10) : wait,
                    TimeUnit.NANOSECONDS,
                    this::tick);
        }
    }

    /// A line has room for more.
    void roomOn(Line line) {
        if (!started || ended) {
            return;
        }
        line.fill(plan.load().rate() > 0 ? 0 : Integer.MAX_VALUE);
        if (ending && !holding) {
            finishIfIdle();
        }
    }

    /// The number of a report that is to be sent now, -1 for none.
    long next(long now) {
        var bound = plan.load().messages();
        if (ending || ended || bound > 0 && begun == bound || !due(begun, now)) {
            return -1;
        }
        if (begun == 0) {
            tally.begin(now);
        }
        var number = begun++;
        if (bound > 0 && begun == bound) {
            loop.execute(() -> guarded(this::stopStarting));
        }
        return number;
    }

    /// However late this machine is, no more become due than rate and length say.
    private boolean due(long number, long now) {
        if (plan.load().rate() == 0) {
            return true;
        }
        var at = dueAt(number, now);
        return at <= now && at - startNanos < plan.load().length().toNanos();
    }

    long dueAt(long number, long now) {
        return plan.load().rate() == 0
                ? now
                : startNanos + (long) (number * 1e9 / plan.load().rate());
    }

    void acknowledged(int device, long message, long sinceNanos) {
        if (Message.isReport(message)) {
            tally.acknowledged(sinceNanos, System.nanoTime());
            watcher.acknowledged(plan.devices().get(device).device(), Message.number(message));
        } else {
            tally.stateChanged();
        }
    }

    // --- end

    private void stopStarting() {
        if (!ending) {
            ending = true;
            after(DRAIN_MAX.toMillis(), TimeUnit.MILLISECONDS, this::finish);
            finishIfIdle();
        }
    }

    private void finishIfIdle() {
        if (lines.stream().allMatch(Line::idle)) {
            finish();
        }
    }

    private void finish() {
        if (ended) {
            return;
        }
        ended = true;
        lines.forEach(Line::end);
        watcher.progress(tally.acknowledged());
        var waiting = 0L;
        for (var line : lines) {
            waiting += line.slots.used();
        }
        finished.complete(tally.report(waiting));
    }

    private void fail(String reason) {
        if (!ended) {
            ended = true;
            lines.forEach(Line::end);
            var failure = new Simulation.Failed(reason);
            finished.completeExceptionally(failure);
            held.completeExceptionally(failure);
        }
    }
}
