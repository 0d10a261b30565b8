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
import org.tethral.broker.SessionChange;
import org.tethral.broker.Subscription;
import org.tethral.broker.TopicFilter;

/// SUBSCRIBE and UNSUBSCRIBE. Of a session that is kept they are answered when they are durable.
final class Subscriber {

    static final int SUBSCRIPTIONS_MAX = 256;

    private static final int FAILURE_3 = 0x80;
    private static final short UNSUBSCRIBED = 0;
    private static final short NO_SUBSCRIPTION_EXISTED = 0x11;

    private Subscriber() {}

    private sealed interface Outcome {
        /// @param sendsRetained what is retained goes out now
        record Granted(Subscription subscription, boolean sendsRetained) implements Outcome {}

        record Refused(Refusal refusal) implements Outcome {}
    }

    static void subscribe(Conversation conversation, Broker broker, MqttSubscribeMessage message) {
        var requests = message.payload().topicSubscriptions();
        var identifier = identifier(message.idAndPropertiesVariableHeader().properties());
        if (requests.isEmpty() || identifier < 0) {
            conversation.end(
                    new Refusal(
                            Reason.PROTOCOL_ERROR, "SUBSCRIBE needs a topic, and no identifier 0"));
            return;
        }
        if (requests.stream().anyMatch(Subscriber::sharedAndNotLocal)) {
            conversation.end(
                    new Refusal(
                            Reason.PROTOCOL_ERROR, "a shared subscription cannot be 'no local'"));
            return;
        }
        var codes = new ArrayList<Integer>(requests.size());
        var changes = new ArrayList<SessionChange>();
        var fresh = new ArrayList<Subscription>();
        Refusal firstRefusal = null;
        for (var request : requests) {
            switch (subscribe(conversation, broker, request, identifier)) {
                case Outcome.Granted(var subscription, var sendsRetained) -> {
                    codes.add(subscription.qos());
                    var id = conversation.session().id();
                    if (id != null) {
                        changes.add(new SessionChange.Subscribed(id, subscription));
                    }
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
        var answer =
                Packets.subscribed(
                        message.variableHeader().messageId(),
                        codes,
                        firstRefusal,
                        conversation.hello());
        whenDurable(
                conversation,
                broker,
                changes,
                () -> {
                    conversation.connection().write(answer);
                    conversation.traffic().subscriptionsChanged();
                    if (!fresh.isEmpty()) {
                        conversation.traffic().subscribed(fresh);
                    }
                });
    }

    private static boolean sharedAndNotLocal(MqttTopicSubscription request) {
        return request.option().isNoLocal() && request.topicFilter().startsWith("$share/");
    }

    private static void whenDurable(
            Conversation conversation, Broker broker, List<SessionChange> changes, Runnable then) {
        if (changes.isEmpty()) {
            then.run();
            return;
        }
        var outbox = conversation.connection().loop().outbox();
        var _ =
                broker.postings()
                        .post(
                                changes,
                                0,
                                _ ->
                                        outbox.add(() -> {
                                            if (conversation.open()) {
                                                then.run();
                                                conversation.flushLater();
                                            }
                                        }));
    }

    private static Outcome subscribe(
            Conversation conversation,
            Broker broker,
            MqttTopicSubscription request,
            int identifier) {
        var filter = TopicFilter.parse(request.topicFilter());
        var refusal = refusal(conversation, request.topicFilter(), filter);
        if (refusal != null || filter == null) {
            return new Outcome.Refused(
                    refusal == null
                            ? new Refusal(Reason.TOPIC_FILTER_INVALID, "no topic filter")
                            : refusal);
        }
        var option = request.option();
        var subscription =
                new Subscription(
                        filter,
                        Math.min(option.qos().value(), conversation.traffic().qosMax()),
                        option.isNoLocal(),
                        option.isRetainAsPublished(),
                        identifier);
        var isNew = broker.subscribe(conversation.session(), subscription);
        var handling = option.retainHandling();
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
        var refusal = conversation.identity().subscribing(filter);
        if (refusal != null) {
            return refusal;
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

    static void unsubscribe(
            Conversation conversation, Broker broker, MqttUnsubscribeMessage message) {
        var topics = message.payload().topics();
        if (topics.isEmpty()) {
            conversation.end(new Refusal(Reason.PROTOCOL_ERROR, "UNSUBSCRIBE needs a topic"));
            return;
        }
        var codes = new ArrayList<Short>(topics.size());
        var changes = new ArrayList<SessionChange>();
        var session = conversation.session();
        for (var topic : topics) {
            var filter = TopicFilter.parse(topic);
            var known = filter != null && broker.unsubscribe(session, filter);
            codes.add(known ? UNSUBSCRIBED : NO_SUBSCRIPTION_EXISTED);
            var id = session.id();
            if (known && filter != null && id != null) {
                changes.add(new SessionChange.Unsubscribed(id, filter));
            }
        }
        var answer =
                Packets.unsubscribed(
                        message.variableHeader().messageId(),
                        codes,
                        conversation.hello().version5());
        whenDurable(
                conversation,
                broker,
                changes,
                () -> {
                    conversation.connection().write(answer);
                    conversation.traffic().subscriptionsChanged();
                });
    }
}
