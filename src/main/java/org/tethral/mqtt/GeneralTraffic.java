package org.tethral.mqtt;

import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tethral.broker.BrokerMessage;
import org.tethral.broker.Subscription;
import org.tethral.broker.TopicName;
import org.tethral.broker.Will;

/// What applications say to each other, and are told: general topics, by the [Broker].
final class GeneralTraffic implements Traffic {

    private static final int QOS_MAX = 2;

    private final Conversation conversation;
    private final Surroundings around;

    GeneralTraffic(Conversation conversation, Surroundings around) {
        this.conversation = conversation;
        this.around = around;
    }

    @Override
    public int qosMax() {
        return QOS_MAX;
    }

    @Override
    public void take(MqttPublishMessage packet, String topic, Acknowledgement acknowledgement) {
        TopicName name;
        try {
            name = new TopicName(topic);
        } catch (IllegalArgumentException e) {
            refuse(
                    acknowledgement,
                    new Refusal(Reason.TOPIC_NAME_INVALID, String.valueOf(e.getMessage())));
            return;
        }
        var properties = packet.variableHeader().properties();
        var fields = MessageFields.of(properties);
        var fault = MessageFields.fault(fields);
        if (fault != null) {
            conversation.end(fault);
            return;
        }
        var refusal = conversation.identity().publishing(name);
        if (refusal != null) {
            refuse(acknowledgement, refusal);
            return;
        }
        var answer = DeviceCalls.AnswerTopic.of(name);
        if (answer != null) {
            DeviceCalls.answered(around, answer, packet.payload().toString(StandardCharsets.UTF_8));
            acknowledgement.settle(null);
            conversation.flushLater();
            return;
        }
        var now = conversation.connection().receivedAt();
        publish(
                new BrokerMessage(
                        name,
                        ByteBufUtil.getBytes(packet.payload()),
                        packet.fixedHeader().qosLevel().value(),
                        packet.fixedHeader().isRetain(),
                        fields,
                        now,
                        expiry(now, MessageFields.expirySeconds(properties))),
                acknowledgement);
    }

    private static @Nullable Instant expiry(Instant now, long seconds) {
        return seconds < 0 ? null : now.plusSeconds(seconds);
    }

    private void publish(BrokerMessage message, Acknowledgement acknowledgement) {
        var exactlyOnce = acknowledgement.kind() == Acknowledgement.Kind.PUBREC;
        var taken =
                around.broker()
                        .publish(
                                message,
                                conversation.session(),
                                exactlyOnce ? acknowledgement.packetId() : 0,
                                acknowledgement);
        switch (taken) {
            case AT_ONCE -> {
                acknowledgement.settle(null);
                conversation.flushLater();
            }
            case WHEN_DURABLE -> {
                if (around.broker().postings().full()) {
                    waitForRoom();
                }
            }
            case NO_ROOM ->
                    refuse(
                            acknowledgement,
                            new Refusal(
                                    Reason.QUOTA_EXCEEDED, "no room for more retained messages"));
        }
    }

    /// Nothing more is read until the commits have caught up.
    private void waitForRoom() {
        var connection = conversation.connection();
        connection.intake().pause(Intake.Pause.QUEUE_FULL);
        around.broker()
                .postings()
                .whenRoom(() ->
                        connection
                                .loop()
                                .outbox()
                                .addAndRing(
                                        () -> connection.intake().resume(Intake.Pause.QUEUE_FULL)));
    }

    private void refuse(Acknowledgement acknowledgement, Refusal refusal) {
        conversation.uplink().refuse(acknowledgement, refusal);
    }

    @Override
    public void subscribed(List<Subscription> fresh) {
        for (var subscription : fresh) {
            if (!subscription.filter().shared()) {
                for (var message : around.broker().retained(subscription.filter())) {
                    conversation.outgoing().retained(message, subscription);
                }
            }
        }
        conversation.outgoing().pump();
        conversation.flushLater();
    }

    @Override
    public void subscriptionsChanged() {}

    @Override
    public void resumed() {}

    @Override
    public void alive() {}

    @Override
    public void pump() {}

    @Override
    public void say(Will will) {
        say(around, will);
    }

    /// Without the one whose will it is.
    static void say(Surroundings around, Will will) {
        var message = will.publishedAt(around.clock().instant());
        var _ = around.broker().publish(message, null, 0, around.meters().unacknowledged());
    }

    @Override
    public void closed(boolean timedOut, String reason) {}
}
