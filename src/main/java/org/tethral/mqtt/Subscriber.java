package org.tethral.mqtt;

import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.IntegerProperty;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import io.netty.handler.codec.mqtt.MqttSubscriptionOption.RetainedHandlingPolicy;
import io.netty.handler.codec.mqtt.MqttTopicSubscription;
import io.netty.handler.codec.mqtt.MqttUnsubscribeMessage;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tethral.broker.Subscription;
import org.tethral.broker.TopicFilter;

/// SUBSCRIBE and UNSUBSCRIBE of devices: each within its own topics.
final class Subscriber {

    static final int SUBSCRIPTIONS_MAX = 64;

    /// What is granted at most; the server sends nothing as QoS 2.
    private static final int QOS_MAX = 1;

    private static final int FAILURE_3 = 0x80;
    private static final short UNSUBSCRIBED = 0;
    private static final short NO_SUBSCRIPTION_EXISTED = 0x11;

    private Subscriber() {}

    private sealed interface Outcome {
        /// @param sendsRetained what is retained goes out now
        record Granted(Subscription subscription, boolean sendsRetained) implements Outcome {}

        record Refused(Refusal refusal) implements Outcome {}
    }

    static void subscribe(Conversation conversation, MqttSubscribeMessage message) {
        var requests = message.payload().topicSubscriptions();
        var identifier = identifier(message.idAndPropertiesVariableHeader().properties());
        if (requests.isEmpty() || identifier < 0) {
            conversation.end(
                    new Refusal(
                            Reason.PROTOCOL_ERROR, "SUBSCRIBE needs a topic, and no identifier 0"));
            return;
        }
        var codes = new ArrayList<Integer>(requests.size());
        var fresh = new ArrayList<Subscription>();
        Refusal firstRefusal = null;
        for (var request : requests) {
            switch (subscribe(conversation, request, identifier)) {
                case Outcome.Granted(var subscription, var sendsRetained) -> {
                    codes.add(subscription.qos());
                    if (sendsRetained) {
                        fresh.add(subscription);
                    }
                }
                case Outcome.Refused(var refusal) -> {
                    conversation.refused("subscribe", refusal);
                    codes.add(
                            conversation.hello().version5()
                                    ? refusal.reason().code() & 0xFF
                                    : FAILURE_3);
                    firstRefusal = firstRefusal == null ? refusal : firstRefusal;
                }
            }
        }
        conversation
                .connection()
                .write(
                        Packets.subscribed(
                                message.variableHeader().messageId(),
                                codes,
                                firstRefusal,
                                conversation.hello()));
        if (!fresh.isEmpty()) {
            conversation.desired().subscribed(fresh);
        }
    }

    private static Outcome subscribe(
            Conversation conversation, MqttTopicSubscription request, int identifier) {
        var filter = TopicFilter.parse(request.topicFilter());
        var refusal = refusal(conversation, request.topicFilter(), filter);
        if (refusal != null || filter == null) {
            return new Outcome.Refused(
                    refusal == null
                            ? new Refusal(Reason.TOPIC_FILTER_INVALID, "no topic filter")
                            : refusal);
        }
        var qos = Math.min(request.qualityOfService().value(), QOS_MAX);
        var subscription = new Subscription(filter, qos, false, false, identifier);
        var isNew = conversation.session().subscribe(subscription);
        var handling = request.option().retainHandling();
        var sendsRetained =
                handling == RetainedHandlingPolicy.SEND_AT_SUBSCRIBE
                        || handling == RetainedHandlingPolicy.SEND_AT_SUBSCRIBE_IF_NOT_YET_EXISTS
                                && isNew;
        return new Outcome.Granted(subscription, sendsRetained);
    }

    private static @Nullable Refusal refusal(
            Conversation conversation, String text, @Nullable TopicFilter filter) {
        if (filter == null) {
            return new Refusal(Reason.TOPIC_FILTER_INVALID, "no topic filter: " + text);
        }
        if (filter.levels().getFirst().equals("$share")) {
            return new Refusal(
                    Reason.SHARED_SUBSCRIPTIONS_NOT_SUPPORTED,
                    "shared subscriptions are not for devices");
        }
        var device = conversation.device().id();
        var own =
                filter.staysBelow(List.of("devices", device.value()))
                        || filter.staysBelow(List.of("v1", "devices", "me"))
                        || filter.staysBelow(List.of("v1", "gateway"));
        if (!own) {
            return new Refusal(
                    Reason.NOT_AUTHORIZED, "device " + device + " must not subscribe to " + text);
        }
        return conversation.session().subscriptions().size() >= SUBSCRIPTIONS_MAX
                ? new Refusal(
                        Reason.QUOTA_EXCEEDED,
                        "a session has at most " + SUBSCRIPTIONS_MAX + " subscriptions")
                : null;
    }

    /// 0: none; -1: not allowed.
    private static int identifier(MqttProperties properties) {
        return properties.getProperty(MqttProperties.SUBSCRIPTION_IDENTIFIER)
                        instanceof IntegerProperty given
                ? given.value() == 0 ? -1 : given.value()
                : 0;
    }

    static void unsubscribe(Conversation conversation, MqttUnsubscribeMessage message) {
        var topics = message.payload().topics();
        if (topics.isEmpty()) {
            conversation.end(new Refusal(Reason.PROTOCOL_ERROR, "UNSUBSCRIBE needs a topic"));
            return;
        }
        var codes = new ArrayList<Short>(topics.size());
        for (var topic : topics) {
            var filter = TopicFilter.parse(topic);
            var known = filter != null && conversation.session().unsubscribe(filter);
            codes.add(known ? UNSUBSCRIBED : NO_SUBSCRIPTION_EXISTED);
        }
        conversation
                .connection()
                .write(
                        Packets.unsubscribed(
                                message.variableHeader().messageId(),
                                codes,
                                conversation.hello().version5()));
    }
}
