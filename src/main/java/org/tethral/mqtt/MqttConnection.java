package org.tethral.mqtt;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttConnectVariableHeader;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One channel: what phase it is in, whether it is read at present, and how it ends. All on its
/// event loop, except where it says otherwise.
final class MqttConnection extends ChannelInboundHandlerAdapter {

    static final Duration CONNECT_WAIT_MAX = Duration.ofSeconds(10);

    /// What is written last may take this long to reach the client.
    private static final Duration GOODBYE_WAIT_MAX = Duration.ofSeconds(5);

    private static final Duration LOGIN_WAIT_MAX = Duration.ofSeconds(60);
    private static final Logger LOG = LoggerFactory.getLogger(MqttConnection.class);

    private final Surroundings around;
    private final Loop loop;
    private final MqttMeters.Transport transport;
    private final KeepAliveWheel.Watch watch;
    private final Intake intake = new Intake(this::handle, this::drained);
    private final DesiredNews desired = new DesiredNews(this);
    private volatile Phase phase = Phase.Connecting.WAITING;
    private @Nullable ChannelHandlerContext context;
    private @Nullable Instant receivedAt;
    private boolean unflushed;

    MqttConnection(Surroundings around, Loop loop, MqttMeters.Transport transport) {
        this.around = around;
        this.loop = loop;
        this.transport = transport;
        this.watch = loop.wheel().watch(CONNECT_WAIT_MAX, this::silent);
    }

    Loop loop() {
        return loop;
    }

    @Nullable Conversation conversation() {
        return phase instanceof Phase.Open(var conversation) ? conversation : null;
    }

    /// May be asked by any thread.
    boolean closed() {
        return phase == Phase.Closed.CLOSED;
    }

    /// When what is handled now came: one time for all that was read together.
    Instant receivedAt() {
        var at = receivedAt;
        if (at == null) {
            at = around.clock().instant();
            receivedAt = at;
        }
        return at;
    }

    /// Without the port, which says nothing of the device.
    @Nullable String remoteAddress() {
        return context().channel().remoteAddress() instanceof InetSocketAddress address
                        && address.getAddress() != null
                ? address.getAddress().getHostAddress()
                : null;
    }

    ChannelHandlerContext context() {
        if (context == null) {
            throw new IllegalStateException("not in a pipeline");
        }
        return context;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
        intake.reads(added.channel());
        if (around.connecting().incrementAndGet() > Surroundings.CONNECTING_MAX) {
            around.meters().refused("connect", Reason.SERVER_BUSY);
            close("too many at once");
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext at, Object message) {
        loop.wheel().heard(watch);
        if (closed() || !(message instanceof MqttMessage packet)) {
            ReferenceCountUtil.release(message);
        } else {
            intake.take(packet);
        }
    }

    private void handle(MqttMessage packet) {
        try {
            if (packet.decoderResult().isFailure()) {
                undecodable(packet);
                return;
            }
            switch (phase) {
                case Phase.Connecting _ -> connect(packet);
                case Phase.LoggingIn _ ->
                        end(new Refusal(Reason.PROTOCOL_ERROR, "a packet before CONNACK"));
                case Phase.Open(var conversation) -> conversation.handle(packet);
                case Phase.Provisioning(var talk) -> talk.handle(packet);
                case Phase.Closed _ -> {}
            }
        } finally {
            ReferenceCountUtil.release(packet);
        }
    }

    private void connect(MqttMessage packet) {
        if (packet instanceof MqttConnectMessage connect) {
            new Greeting(this, around).greet(connect);
        } else {
            end(new Refusal(Reason.PROTOCOL_ERROR, "the first packet must be CONNECT"));
        }
    }

    private void undecodable(MqttMessage packet) {
        var refusal = Refusal.undecodable(packet.decoderResult().cause());
        if (phase == Phase.Connecting.WAITING && refusal.reason() != Reason.MALFORMED_PACKET) {
            var version5 =
                    packet.variableHeader() instanceof MqttConnectVariableHeader header
                            && header.version() == 5;
            notAccepted(version5, refusal);
        } else {
            end(refusal);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext at) {
        receivedAt = null;
        var conversation = conversation();
        if (conversation == null) {
            flush();
        } else {
            conversation.flush();
        }
    }

    Intake intake() {
        return intake;
    }

    /// The intake goes on after a pause.
    private void drained() {
        receivedAt = null;
        loop.wheel().heard(watch);
    }

    boolean writable() {
        return context().channel().isWritable();
    }

    ByteBuf buffer(int bytes) {
        return context().alloc().buffer(bytes);
    }

    void write(Object packet) {
        unflushed = true;
        context().write(packet, context().voidPromise());
    }

    void flush() {
        if (unflushed) {
            unflushed = false;
            context().flush();
        }
    }

    /// A client that does not read its acknowledgements is not read either.
    @Override
    public void channelWritabilityChanged(ChannelHandlerContext at) {
        if (!at.channel().isWritable()) {
            intake.pause(Intake.Pause.UNWRITABLE);
            return;
        }
        var conversation = conversation();
        if (conversation != null) {
            conversation.pump();
            conversation.flush();
        }
        intake.resume(Intake.Pause.UNWRITABLE);
    }

    void loggingIn(Hello hello) {
        phase = new Phase.LoggingIn(hello);
        loop.wheel().patience(watch, LOGIN_WAIT_MAX);
    }

    /// Nobody's yet: it may ask to be registered.
    void provisioning(Hello hello) {
        phase = new Phase.Provisioning(new ProvisioningTalk(this, around, hello));
        loop.wheel().patience(watch, ProvisioningTalk.SILENCE_MAX);
        write(
                Packets.accepted(
                        hello,
                        Identity.Anybody.ANYBODY,
                        false,
                        around.settings().messageBytesMax()));
    }

    void open(Conversation conversation) {
        phase = new Phase.Open(conversation);
        around.connecting().decrementAndGet();
        around.meters().connected(transport);
        var keepAlive = conversation.hello().keepAliveSeconds();
        if (keepAlive == 0) {
            loop.wheel().remove(watch);
        } else {
            loop.wheel().patience(watch, patience(keepAlive));
        }
    }

    /// One and a half times the keep-alive (MQTT 5, 3.1.2.10).
    private static Duration patience(int keepAliveSeconds) {
        return Duration.ofMillis(keepAliveSeconds * 1_500L);
    }

    private void silent() {
        switch (phase) {
            case Phase.Connecting _ ->
                    end(new Refusal(Reason.PROTOCOL_ERROR, "no CONNECT in time"));
            case Phase.LoggingIn _ ->
                    notAccepted(
                            new Refusal(
                                    Reason.SERVER_UNAVAILABLE,
                                    "the log-in takes too long; try again"));
            case Phase.Open(var conversation) -> {
                var keepAlive = conversation.hello().keepAliveSeconds();
                if (intake.deaf()) {
                    loop.wheel().patience(watch, patience(keepAlive));
                    return;
                }
                end(
                        new Refusal(
                                Reason.KEEP_ALIVE_TIMEOUT,
                                "nothing heard for one and a half times the keep-alive of "
                                        + keepAlive
                                        + " s"));
            }
            case Phase.Provisioning _ ->
                    end(new Refusal(Reason.KEEP_ALIVE_TIMEOUT, "nothing heard for a minute"));
            case Phase.Closed _ -> context().close();
        }
    }

    /// CONNACK with a no, and the end.
    void notAccepted(Refusal refusal) {
        notAccepted(phase instanceof Phase.LoggingIn(var hello) && hello.version5(), refusal);
    }

    void notAccepted(boolean version5, Refusal refusal) {
        if (closed()) {
            return;
        }
        around.meters().refused("connect", refusal.reason());
        leave(false, refusal.text());
        write(Packets.notAccepted(version5, refusal));
        goodbye();
    }

    /// Ends the connection for a reason that an MQTT 5 client is told.
    void end(Refusal refusal) {
        if (phase instanceof Phase.LoggingIn) {
            notAccepted(refusal);
            return;
        }
        if (closed()) {
            return;
        }
        around.meters().refused("connection", refusal.reason());
        var hello = hello();
        leave(refusal.reason() == Reason.KEEP_ALIVE_TIMEOUT, refusal.text());
        if (hello != null && hello.version5()) {
            write(Packets.disconnect(refusal, hello));
        }
        goodbye();
    }

    /// Of a client that was let in.
    private @Nullable Hello hello() {
        return switch (phase) {
            case Phase.Open(var conversation) -> conversation.hello();
            case Phase.Provisioning(var talk) -> talk.hello();
            case Phase.Connecting _, Phase.LoggingIn _, Phase.Closed _ -> null;
        };
    }

    /// Ends the connection without a word.
    void close(String reason) {
        if (!closed()) {
            leave(false, reason);
            goodbye();
        }
    }

    private void goodbye() {
        unflushed = false;
        loop.wheel().patience(watch, GOODBYE_WAIT_MAX);
        context()
                .writeAndFlush(io.netty.buffer.Unpooled.EMPTY_BUFFER)
                .addListener(ChannelFutureListener.CLOSE);
    }

    private void leave(boolean timedOut, String reason) {
        var before = phase;
        phase = Phase.Closed.CLOSED;
        intake.drop();
        if (before instanceof Phase.Open(var conversation)) {
            around.meters().disconnected(transport);
            conversation.close(timedOut, reason);
        } else {
            around.connecting().decrementAndGet();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext at) {
        if (!closed()) {
            leave(false, "connection lost");
        }
        loop.wheel().remove(watch);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext at, Throwable cause) {
        if (cause instanceof IOException || cause instanceof DecoderException) {
            LOG.atDebug()
                    .addKeyValue("remote", remoteAddress())
                    .log(String.valueOf(cause.getMessage()));
        } else if (!closed()) {
            LOG.atError()
                    .addKeyValue("remote", remoteAddress())
                    .setCause(cause)
                    .log("a connection failed");
        }
        if (!closed()) {
            leave(false, "connection failed");
        }
        at.close();
    }

    /// From any thread: another connection has the session now.
    void displaced() {
        loop.outbox()
                .addAndRing(() ->
                        end(
                                new Refusal(
                                        Reason.SESSION_TAKEN_OVER,
                                        "taken over by a new connection")));
    }

    /// From any thread.
    void evicted(String reason) {
        loop.outbox().addAndRing(() -> end(new Refusal(Reason.ADMINISTRATIVE_ACTION, reason)));
    }

    /// Changes of desired values, for its device.
    DesiredNews desired() {
        return desired;
    }

    /// There is something for its session. On the event loop.
    void messagesWait() {
        var conversation = conversation();
        if (conversation != null) {
            conversation.messagesWait();
        }
    }

    /// Takes nothing more; what was taken is still answered.
    void stopReading() {
        intake.pause(Intake.Pause.SHUTDOWN);
    }

    /// Something that was taken is not answered yet.
    boolean owesAnswers() {
        var conversation = conversation();
        return conversation != null && !conversation.uplink().acknowledgements().none();
    }
}
