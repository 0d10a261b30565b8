package org.tethral.mqtt;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.mqtt.MqttConnAckMessage;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttEncoder;
import io.netty.handler.codec.mqtt.MqttFixedHeader;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageIdAndPropertiesVariableHeader;
import io.netty.handler.codec.mqtt.MqttMessageIdVariableHeader;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttPubReplyMessageVariableHeader;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttPublishVariableHeader;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttReasonCodeAndPropertiesVariableHeader;
import io.netty.handler.codec.mqtt.MqttSubAckMessage;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import io.netty.handler.codec.mqtt.MqttSubscribePayload;
import io.netty.handler.codec.mqtt.MqttSubscriptionOption;
import io.netty.handler.codec.mqtt.MqttSubscriptionOption.RetainedHandlingPolicy;
import io.netty.handler.codec.mqtt.MqttTopicSubscription;
import io.netty.handler.codec.mqtt.MqttUnsubscribeMessage;
import io.netty.handler.codec.mqtt.MqttUnsubscribePayload;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// A client with every field of the protocol at hand, that answers as it must unless it is told to
/// keep silent.
public final class TalkingClient implements AutoCloseable {

    private static final EventLoopGroup EVENTS =
            new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private static final int WAIT_SECONDS = 30;

    final BlockingQueue<ClientMessage> messages = new LinkedBlockingQueue<>();
    private final BlockingQueue<MqttMessage> answers = new LinkedBlockingQueue<>();
    private final Map<Integer, String> aliases = new HashMap<>();
    private final Set<Integer> held = new HashSet<>();
    private final List<MqttMessage> unanswered = new ArrayList<>();
    private final AtomicInteger ids = new AtomicInteger();
    private final Channel channel;
    private final boolean version5;
    private volatile boolean silent;
    private final MqttConnAckMessage connack;

    TalkingClient(ClientStart start, int port) {
        this.version5 = start.version() == 5;
        this.silent = start.isSilent();
        channel =
                new Bootstrap()
                        .group(EVENTS)
                        .channel(NioSocketChannel.class)
                        .handler(
                                new ChannelInitializer<>() {
                                    @Override
                                    protected void initChannel(Channel opened) {
                                        opened.pipeline()
                                                .addLast(
                                                        new MqttDecoder(1 << 20),
                                                        MqttEncoder.INSTANCE,
                                                        new Listener());
                                    }
                                })
                        .connect("127.0.0.1", port)
                        .syncUninterruptibly()
                        .channel();
        send(start.packet());
        connack = (MqttConnAckMessage) await(MqttMessageType.CONNACK);
    }

    public static ClientStart start(int version, String clientId) {
        return new ClientStart(version, clientId);
    }

    public int connectCode() {
        return connack.variableHeader().connectReturnCode().byteValue() & 0xFF;
    }

    public boolean sessionPresent() {
        return connack.variableHeader().isSessionPresent();
    }

    public MqttProperties connackProperties() {
        return connack.variableHeader().properties();
    }

    /// The granted QoS, or a reason why not.
    public int subscribe(String filter, int qos) {
        return subscribe(filter, option(qos, false, false, 0), 0);
    }

    public int subscribe(String filter, MqttSubscriptionOption option, int identifier) {
        var properties = new MqttProperties();
        if (identifier > 0) {
            properties.add(
                    new MqttProperties.IntegerProperty(
                            MqttProperties.SUBSCRIPTION_IDENTIFIER, identifier));
        }
        send(
                new MqttSubscribeMessage(
                        new MqttFixedHeader(
                                MqttMessageType.SUBSCRIBE, false, MqttQoS.AT_LEAST_ONCE, false, 0),
                        new MqttMessageIdAndPropertiesVariableHeader(nextId(), properties),
                        new MqttSubscribePayload(
                                List.of(new MqttTopicSubscription(filter, option)))));
        return ((MqttSubAckMessage) await(MqttMessageType.SUBACK))
                .payload()
                .reasonCodes()
                .getFirst();
    }

    public static MqttSubscriptionOption option(
            int qos, boolean noLocal, boolean retainAsPublished, int retainHandling) {
        return new MqttSubscriptionOption(
                MqttQoS.valueOf(qos),
                noLocal,
                retainAsPublished,
                RetainedHandlingPolicy.valueOf(retainHandling));
    }

    public void unsubscribe(String filter) {
        send(
                new MqttUnsubscribeMessage(
                        new MqttFixedHeader(
                                MqttMessageType.UNSUBSCRIBE,
                                false,
                                MqttQoS.AT_LEAST_ONCE,
                                false,
                                0),
                        new MqttMessageIdAndPropertiesVariableHeader(
                                nextId(), MqttProperties.NO_PROPERTIES),
                        new MqttUnsubscribePayload(List.of(filter))));
        await(MqttMessageType.UNSUBACK);
    }

    public int publish(String topic, String text, int qos) {
        return publish(topic, text, qos, false, MqttProperties.NO_PROPERTIES);
    }

    /// Waits for the end of the exchange. Returns the reason code.
    public int publish(
            String topic, String text, int qos, boolean retain, MqttProperties properties) {
        var id = qos == 0 ? 0 : nextId();
        send(publication(topic, text, qos, retain, id, properties));
        if (qos == 0) {
            return 0;
        }
        var answer = await(qos == 1 ? MqttMessageType.PUBACK : MqttMessageType.PUBREC);
        if (qos == 2 && code(answer) < 0x80) {
            release(id);
        }
        return code(answer);
    }

    private static int code(MqttMessage answer) {
        return answer.variableHeader() instanceof MqttPubReplyMessageVariableHeader header
                ? header.reasonCode() & 0xFF
                : 0;
    }

    public void send(int packetId, String topic, String text, int qos) {
        send(publication(topic, text, qos, false, packetId, MqttProperties.NO_PROPERTIES));
    }

    public void release(int packetId) {
        send(
                new MqttMessage(
                        new MqttFixedHeader(
                                MqttMessageType.PUBREL, false, MqttQoS.AT_LEAST_ONCE, false, 0),
                        MqttMessageIdVariableHeader.from(packetId)));
        await(MqttMessageType.PUBCOMP);
    }

    private static MqttPublishMessage publication(
            String topic,
            String text,
            int qos,
            boolean retain,
            int packetId,
            MqttProperties properties) {
        return new MqttPublishMessage(
                new MqttFixedHeader(
                        MqttMessageType.PUBLISH, false, MqttQoS.valueOf(qos), retain, 0),
                new MqttPublishVariableHeader(topic, packetId, properties),
                Unpooled.copiedBuffer(text, StandardCharsets.UTF_8));
    }

    private int nextId() {
        return ids.incrementAndGet();
    }

    /// The next message; fails when none comes.
    public ClientMessage next() {
        try {
            var message = messages.poll(WAIT_SECONDS, TimeUnit.SECONDS);
            if (message == null) {
                throw new AssertionError("no message");
            }
            return message;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    public List<String> texts(int count) {
        var texts = new ArrayList<String>();
        for (int i = 0; i < count; i++) {
            texts.add(next().text());
        }
        return texts;
    }

    /// Nothing was received when all that the server has sent so far is read.
    public boolean nothingMore() {
        ping();
        return messages.isEmpty();
    }

    public void ping() {
        send(MqttMessage.PINGREQ);
        await(MqttMessageType.PINGRESP);
    }

    public MqttMessage await(MqttMessageType type) {
        try {
            while (true) {
                var answer = answers.poll(WAIT_SECONDS, TimeUnit.SECONDS);
                if (answer == null) {
                    throw new AssertionError("no " + type);
                }
                if (answer.fixedHeader().messageType() == type) {
                    return answer;
                }
                if (answer.fixedHeader().messageType() == MqttMessageType.DISCONNECT) {
                    throw new AssertionError(answer.variableHeader());
                }
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /// The reason that the server gives for the end (MQTT 5).
    public int endReason() {
        var header = await(MqttMessageType.DISCONNECT).variableHeader();
        return ((MqttReasonCodeAndPropertiesVariableHeader) header).reasonCode() & 0xFF;
    }

    public boolean open() {
        return channel.isOpen();
    }

    /// Answers what it left unanswered, and all that comes from now on.
    public void answerAll() {
        List<MqttMessage> late;
        synchronized (unanswered) {
            silent = false;
            late = List.copyOf(unanswered);
            unanswered.clear();
        }
        late.forEach(this::send);
    }

    public int unanswered() {
        synchronized (unanswered) {
            return unanswered.size();
        }
    }

    public void disconnect() {
        disconnect(0, MqttProperties.NO_PROPERTIES);
    }

    public void disconnect(int reason, MqttProperties properties) {
        send(
                version5
                        ? new MqttMessage(
                                header(MqttMessageType.DISCONNECT),
                                new MqttReasonCodeAndPropertiesVariableHeader(
                                        (byte) reason, properties))
                        : new MqttMessage(header(MqttMessageType.DISCONNECT)));
        channel.close().syncUninterruptibly();
    }

    /// Without a goodbye.
    @Override
    public void close() {
        channel.close().syncUninterruptibly();
    }

    private void send(MqttMessage message) {
        channel.writeAndFlush(message).syncUninterruptibly();
    }

    private static MqttFixedHeader header(MqttMessageType type) {
        return new MqttFixedHeader(type, false, MqttQoS.AT_MOST_ONCE, false, 0);
    }

    private final class Listener extends SimpleChannelInboundHandler<MqttMessage> {

        @Override
        protected void channelRead0(ChannelHandlerContext context, MqttMessage message) {
            switch (message.fixedHeader().messageType()) {
                case PUBLISH -> published(context, (MqttPublishMessage) message);
                case PUBREL -> {
                    var id = ((MqttMessageIdVariableHeader) message.variableHeader()).messageId();
                    held.remove(id);
                    answer(context, MqttMessageType.PUBCOMP, id);
                }
                default -> answers.add(ReferenceCountUtil.retain(message));
            }
        }

        private void published(ChannelHandlerContext context, MqttPublishMessage message) {
            var header = message.variableHeader();
            var topic = header.topicName();
            var named = topic;
            if (header.properties().getProperty(MqttProperties.TOPIC_ALIAS)
                    instanceof MqttProperties.IntegerProperty alias) {
                named =
                        topic.isEmpty()
                                ? aliases.getOrDefault(alias.value(), "?")
                                : aliases.merge(alias.value(), topic, (_, next) -> next);
            }
            var qos = message.fixedHeader().qosLevel().value();
            if (qos < 2 || held.add(header.packetId())) {
                messages.add(
                        new ClientMessage(
                                topic,
                                named,
                                new String(
                                        ByteBufUtil.getBytes(message.payload()),
                                        StandardCharsets.UTF_8),
                                qos,
                                message.fixedHeader().isRetain(),
                                message.fixedHeader().isDup(),
                                header.packetId(),
                                header.properties()));
            }
            if (qos > 0) {
                answer(
                        context,
                        qos == 1 ? MqttMessageType.PUBACK : MqttMessageType.PUBREC,
                        header.packetId());
            }
        }

        private void answer(ChannelHandlerContext context, MqttMessageType type, int packetId) {
            var answer = new MqttMessage(header(type), MqttMessageIdVariableHeader.from(packetId));
            synchronized (unanswered) {
                if (silent) {
                    unanswered.add(answer);
                    return;
                }
            }
            context.writeAndFlush(answer);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }
}
