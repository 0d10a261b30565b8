package org.tethral.websocket;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.flush.FlushConsolidationHandler;
import io.netty.handler.timeout.IdleStateHandler;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.WebSocketFrame;
import io.vertx.core.internal.http.WebSocketInternal;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.account.Actor;
import org.tethral.device.ConnectingDevice;
import org.tethral.device.Link;
import org.tethral.ingest.Answer;
import org.tethral.ingest.Inbound;
import org.tethral.ingest.Ingest;
import org.tethral.kernel.Value;

/// One device on its socket. All of it happens on the socket's event loop, but for the methods that
/// say otherwise.
final class Connection {

    /// Messages of one connection that wait for their commit; a device that is ahead of it is not
    /// read.
    static final int UNANSWERED_MAX = 512;

    /// Heartbeats that may be missing.
    static final int HEARTBEATS_MISSING_MAX = 2;

    /// WebSocket pings of a device reach the database at most so often.
    private static final Duration PING_KEPT_EVERY = Duration.ofSeconds(5);

    /// How long the device has to answer a close frame.
    private static final Duration CLOSE_WAIT_MAX = Duration.ofSeconds(3);

    private static final int FLUSHES_TOGETHER_MAX = 256;
    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);

    /// Why the socket is not read.
    private enum Hold {
        QUEUE_FULL,
        TOO_MANY_UNANSWERED,
        READS_TOO_SLOWLY,
        STOPPING
    }

    private final ConnectingDevice device;
    private final Link link;
    private final ServerWebSocket socket;
    private final ChannelHandlerContext context;
    private final EventLoop loop;
    private final Ports ports;
    private final Answers answers;
    private final Consumer<Connection> left;
    private final Fragments fragments;
    private final Intake intake;
    private final long silenceMaxNanos;
    private final Set<Hold> holds = EnumSet.noneOf(Hold.class);
    private final Outgoing outgoing;
    private final CommandFeed commands;
    private @Nullable Future<?> watch;
    private long heardNanos = System.nanoTime();
    private long pingKeptNanos = heardNanos;
    private int unanswered;
    private boolean greeted;
    private boolean registering;
    private boolean ended;
    private boolean departed;

    /// @param left told once, when the device is gone from here
    Connection(
            ConnectingDevice device,
            Link link,
            ServerWebSocket socket,
            Ports ports,
            Answers answers,
            Consumer<Connection> left) {
        this.device = device;
        this.link = link;
        this.socket = socket;
        this.context = ((WebSocketInternal) socket).channelHandlerContext();
        this.loop = context.channel().eventLoop();
        this.ports = ports;
        this.answers = answers;
        this.left = left;
        this.outgoing =
                new Outgoing(device.id(), socket, loop, ports, () -> hold(Hold.READS_TOO_SLOWLY));
        this.commands = new CommandFeed(device.id(), ports.switchboard(), loop, outgoing);
        this.fragments = new Fragments(ports.settings().messageBytesMax());
        this.intake = new Intake(ports.ingest(), device.id(), loop, () -> release(Hold.QUEUE_FULL));
        this.silenceMaxNanos = device.heartbeatInterval().toNanos() * HEARTBEATS_MISSING_MAX;
    }

    void start() {
        leaveSilenceToUs(context.pipeline());
        context.pipeline().addFirst(new FlushConsolidationHandler(FLUSHES_TOGETHER_MAX, true));
        socket.frameHandler(this::frame);
        socket.exceptionHandler(this::failed);
        socket.drainHandler(_ -> caughtUp());
        socket.closeHandler(_ -> closed());
        socket.shutdownHandler(_ -> stop());
        offer(new Inbound.Connected(device, ports.clock().instant(), link), 0, null);
        watch();
    }

    /// The server ends idle connections sooner than some devices send heartbeats.
    private static void leaveSilenceToUs(ChannelPipeline pipeline) {
        if (pipeline.get(IdleStateHandler.class) != null) {
            pipeline.remove(IdleStateHandler.class);
        }
    }

    private void frame(WebSocketFrame frame) {
        if (ended) {
            return;
        }
        heardNanos = System.nanoTime();
        switch (frame.type()) {
            case TEXT, BINARY, CONTINUATION -> {
                switch (fragments.add(frame)) {
                    case Fragments.Text(var utf8) -> message(utf8);
                    case Fragments.Refused(var reason) -> refuse(null, reason);
                    case Fragments.Unfinished _ -> {}
                }
            }
            case PING, PONG -> pinged(frame);
            case CLOSE -> {}
        }
    }

    private void message(byte[] utf8) {
        ports.meters().message();
        var now = ports.clock().instant();
        switch (Frame.parse(utf8, device, now, ports.random())) {
            case Frame.Status(var id, var measurement) ->
                    offer(
                            new Inbound.Report(device, now, java.util.List.of(measurement)),
                            utf8.length,
                            id);
            case Frame.Heartbeat(var id) ->
                    offer(new Inbound.Heartbeat(device, now), utf8.length, id);
            case Frame.State(var id, var said) -> {
                var actor = Actor.device(device.id().value());
                offer(
                        new Inbound.StateReport(device, now, said.state(), said.reason(), actor),
                        utf8.length,
                        id);
            }
            case Frame.Happened(var id, var event) ->
                    offer(new Inbound.EventReport(device, now, event), utf8.length, id);
            case Frame.Register(var id, var introduction) -> register(id, introduction);
            case Frame.CommandAnswer(var id, var command, var answer) ->
                    offer(new Inbound.CommandStep(device, now, command, answer), utf8.length, id);
            case Frame.Unusable(var id, var reason) -> refuse(id, reason);
        }
        if (!greeted) {
            greet();
            outgoing.fetchDesired(false);
        }
    }

    /// It has spoken: it may be spoken to.
    private void greet() {
        greeted = true;
        commands.open();
    }

    private void pinged(WebSocketFrame frame) {
        if (frame.isPing() && socket.writeQueueFull()) {
            loop.execute(this::endIfPongsPileUp);
        }
        if (heardNanos - pingKeptNanos >= PING_KEPT_EVERY.toNanos() && holds.isEmpty()) {
            pingKeptNanos = heardNanos;
            Ingest.Reply nobody = _ -> {};
            ports.ingest().offer(new Inbound.Heartbeat(device, ports.clock().instant()), 0, nobody);
        }
    }

    /// The layer below answers each ping at once, even to a device that does not read: nothing
    /// holds that up but this.
    private void endIfPongsPileUp() {
        if (!ended && !socket.isClosed() && socket.writeQueueFull()) {
            end(Closing.READS_TOO_SLOWLY, "pongs are not read", false);
            context.close();
        }
    }

    private void offer(Inbound message, int bytes, @Nullable Value messageId) {
        unanswered++;
        if (!intake.offer(message, bytes, answer -> answers.add(this, messageId, answer))) {
            hold(Hold.QUEUE_FULL);
        }
        if (unanswered >= UNANSWERED_MAX) {
            hold(Hold.TOO_MANY_UNANSWERED);
        }
    }

    void answered(@Nullable Value messageId, Answer answer) {
        unanswered--;
        switch (answer) {
            case Answer.Stored _ -> {
                if (messageId != null) {
                    send(Notice.ack(messageId));
                }
            }
            case Answer.Unstorable(var reason) -> refuse(messageId, reason);
            case Answer.UnknownCommand _ -> refuse(messageId, Answer.UnknownCommand.REASON);
            case Answer.VersionIsNow _ ->
                    refuse(messageId, "it was changed by somebody else at the same time");
            case Answer.UnknownDevice _ ->
                    bar(messageId, "device " + device.id() + " is not registered any more");
            case Answer.DisabledDevice _ ->
                    bar(messageId, "device " + device.id() + " is disabled");
        }
        if (unanswered <= UNANSWERED_MAX / 2) {
            release(Hold.TOO_MANY_UNANSWERED);
        }
        endIfStopped();
    }

    private void register(@Nullable Value messageId, Introduction introduction) {
        if (registering) {
            refuse(
                    messageId,
                    "the registration before this one is not kept yet; register again after its answer");
            return;
        }
        registering = true;
        greet();
        unanswered++;
        ports.blocking()
                .execute(() -> {
                    var refusal = ports.introductions().keep(device.id(), introduction);
                    loop.execute(() -> registered(messageId, refusal));
                });
    }

    private void registered(@Nullable Value messageId, Optional<String> refusal) {
        registering = false;
        unanswered--;
        if (refusal.isPresent()) {
            refuse(messageId, refusal.get());
        } else if (messageId != null) {
            send(Notice.ack(messageId));
        }
        outgoing.fetchDesired(true);
        endIfStopped();
    }

    /// From any thread.
    void desiredChanged(Desired next) {
        outgoing.desired(next);
    }

    private void refuse(@Nullable Value messageId, String reason) {
        ports.meters().unusable();
        send(Notice.error(messageId, reason));
    }

    private void bar(@Nullable Value messageId, String reason) {
        refuse(messageId, reason);
        end(Closing.BARRED, reason, false);
    }

    private void send(String text) {
        if (!ended) {
            outgoing.send(text);
        }
    }

    private void caughtUp() {
        outgoing.caughtUp();
        if (!outgoing.isBehind()) {
            release(Hold.READS_TOO_SLOWLY);
        }
    }

    private void hold(Hold why) {
        if (holds.isEmpty() && !ended) {
            socket.pause();
        }
        holds.add(why);
    }

    private void release(Hold why) {
        if (holds.remove(why) && holds.isEmpty() && !ended) {
            heardNanos = System.nanoTime(); // nothing could be heard while nothing was read
            socket.resume();
        }
    }

    private void watch() {
        var now = System.nanoTime();
        if (outgoing.isBehindForTooLong()) {
            end(Closing.READS_TOO_SLOWLY, "what was sent is not read", false);
        } else if (holds.isEmpty() && now - heardNanos >= silenceMaxNanos) {
            ports.meters().timeout();
            var silence = Duration.ofNanos(silenceMaxNanos);
            end(Closing.SILENT, "no heartbeat for " + silence.toMillis() / 1_000.0 + " s", true);
        } else {
            var quiet = holds.isEmpty() ? now - heardNanos : 0;
            var wait = Math.min(silenceMaxNanos - quiet, Outgoing.BEHIND_FOR_MAX.toNanos());
            watch = loop.schedule(this::watch, wait, TimeUnit.NANOSECONDS);
        }
    }

    /// From any thread: ends the connection without a word in the log, as the one that replaces it
    /// has its own.
    void replaced() {
        loop.execute(() -> {
            departed = true;
            end(Closing.REPLACED, "another connection of this device took over", false);
        });
    }

    /// From any thread: the device may not stay.
    void evicted(String reason) {
        loop.execute(() -> end(Closing.BARRED, reason, false));
    }

    /// From any thread: reads nothing more, and ends when all that was read is answered.
    void stop() {
        loop.execute(() -> {
            hold(Hold.STOPPING);
            endIfStopped();
        });
    }

    /// From any thread: ends now.
    void stopAtOnce() {
        loop.execute(() -> end(Closing.SERVER_STOPS, "the server stops", false));
    }

    private void endIfStopped() {
        if (holds.contains(Hold.STOPPING) && unanswered == 0) {
            end(Closing.SERVER_STOPS, "the server stops", false);
        }
    }

    private void failed(Throwable cause) {
        if (cause instanceof CorruptedWebSocketFrameException corrupted) {
            ports.meters().unusable();
            end(Closing.of(corrupted), String.valueOf(corrupted.getMessage()), false);
        } else {
            LOG.atDebug()
                    .addKeyValue("device_id", device.id())
                    .setCause(cause)
                    .log("connection failed");
        }
    }

    private void end(Closing closing, String reason, boolean timedOut) {
        if (ended) {
            return;
        }
        ended = true;
        depart(timedOut, reason);
        socket.close(closing.code(), Closing.fitting(reason));
        socket.resume();
        loop.schedule(() -> context.close(), CLOSE_WAIT_MAX.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void closed() {
        ended = true;
        depart(false, Closing.byThePeer(socket.closeStatusCode()));
    }

    private void depart(boolean timedOut, String reason) {
        if (watch != null) {
            watch.cancel(false);
        }
        if (!departed) {
            departed = true;
            Ingest.Reply nobody = _ -> {};
            intake.offer(
                    new Inbound.Disconnected(
                            device, ports.clock().instant(), link, timedOut, reason),
                    0,
                    nobody);
        }
        commands.close();
        left.accept(this);
    }
}
