package org.tethral.mqtt;

import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.IntegerProperty;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttPublishVariableHeader;
import org.jspecify.annotations.Nullable;
import org.tethral.broker.SessionChange;

/// What a client publishes, as far as it is the same for all clients: flow control, aliases, and
/// packet ids of QoS 2. On the event loop.
final class Uplink {

    static final int TOPIC_ALIAS_MAX = 16;

    private final Conversation conversation;
    private final Surroundings around;
    private final Acknowledgements acknowledgements;
    private @Nullable String @Nullable [] aliases;

    Uplink(Conversation conversation, Surroundings around) {
        this.conversation = conversation;
        this.around = around;
        this.acknowledgements = new Acknowledgements(conversation);
    }

    Outbox outbox() {
        return conversation.connection().loop().outbox();
    }

    void flushLater() {
        conversation.flushLater();
    }

    Acknowledgements acknowledgements() {
        return acknowledgements;
    }

    /// The message was refused after it was taken.
    void refused(Refusal refusal) {
        conversation.refused("publish", refusal);
    }

    void publish(MqttPublishMessage message) {
        var qos = message.fixedHeader().qosLevel().value();
        around.meters().received(qos);
        if (qos > 0 && conversation.hello().version5() && acknowledgements.exhausted()) {
            conversation.end(
                    new Refusal(
                            Reason.RECEIVE_MAXIMUM_EXCEEDED,
                            "more than "
                                    + Acknowledgements.UNANSWERED_MAX
                                    + " messages without waiting for acknowledgements"));
            return;
        }
        var topic = topic(message.variableHeader());
        if (topic == null) {
            return;
        }
        var acknowledgement = acknowledgement(qos, message.variableHeader().packetId());
        if (qos == 2 && !isNew(acknowledgement)) {
            return;
        }
        acknowledgements.expect(acknowledgement);
        conversation.traffic().take(message, topic, acknowledgement);
    }

    private Acknowledgement acknowledgement(int qos, int packetId) {
        return switch (qos) {
            case 0 -> new Acknowledgement(this, Acknowledgement.Kind.NOTHING, 0, null);
            case 1 -> new Acknowledgement(this, Acknowledgement.Kind.PUBACK, packetId, null);
            default ->
                    new Acknowledgement(
                            this,
                            Acknowledgement.Kind.PUBREC,
                            packetId,
                            conversation.session().receivedIds());
        };
    }

    /// False: the message came before, and is only to be confirmed (again).
    private boolean isNew(Acknowledgement asking) {
        return switch (conversation.session().receivedIds().begin(asking)) {
            case NEW -> true;
            case WAITING -> false;
            case WAITING_ELSEWHERE -> {
                acknowledgements.expect(asking);
                yield false;
            }
            case STORED -> {
                asking.repeat();
                acknowledgements.expect(asking);
                flushLater();
                yield false;
            }
        };
    }

    /// With its alias resolved (MQTT 5, 3.3.2.3.4). Null: the connection has ended.
    private @Nullable String topic(MqttPublishVariableHeader header) {
        var topic = header.topicName();
        if (header.properties().getProperty(MqttProperties.TOPIC_ALIAS)
                instanceof IntegerProperty alias) {
            var number = alias.value();
            if (number < 1 || number > TOPIC_ALIAS_MAX) {
                conversation.end(
                        new Refusal(
                                Reason.TOPIC_ALIAS_INVALID,
                                "topic aliases are 1 to " + TOPIC_ALIAS_MAX));
                return null;
            }
            if (aliases == null) {
                aliases = new String[TOPIC_ALIAS_MAX];
            }
            if (topic.isEmpty()) {
                var known = aliases[number - 1];
                topic = known == null ? "" : known;
            } else {
                aliases[number - 1] = topic;
            }
        }
        if (header.properties().getProperty(MqttProperties.SUBSCRIPTION_IDENTIFIER) != null) {
            conversation.end(
                    new Refusal(
                            Reason.PROTOCOL_ERROR, "subscription identifiers are for the server"));
            return null;
        }
        if (topic.isEmpty()) {
            conversation.end(new Refusal(Reason.PROTOCOL_ERROR, "a message without a topic"));
            return null;
        }
        return topic;
    }

    /// The message is not taken. With QoS 0 it is dropped, as that allows, and counted; a foreign
    /// topic ends the connection, as nothing else would be noticed. With QoS 1 and 2 an MQTT 5
    /// client is told, and for another the connection ends: MQTT 3.1.1 knows no negative answer,
    /// and a positive one would be a lie (3.3.5).
    void refuse(Acknowledgement acknowledgement, Refusal refusal) {
        refused(refusal);
        acknowledgement.settle(refusal);
        flushLater();
        if (acknowledgement.ends(conversation.hello().version5())) {
            conversation.connection().intake().pause(Intake.Pause.ENDING);
        }
    }

    /// PUBREL: the client forgets the message, and so do we.
    void release(int packetId) {
        var known = conversation.session().receivedIds().release(packetId);
        if (known) {
            acknowledgements.released();
        }
        // confirmed before that is durable, the client could use the id for another message, which
        // after a restart would be taken for this one
        if (known
                && around.broker()
                        .post(
                                conversation.session(),
                                session -> new SessionChange.IdFreed(session, packetId),
                                _ -> outbox().add(() -> complete(packetId)))) {
            return;
        }
        if (known || !conversation.hello().version5()) {
            complete(packetId);
        } else {
            conversation
                    .connection()
                    .write(
                            Packets.reply(
                                    MqttMessageType.PUBCOMP,
                                    packetId,
                                    Packets.PACKET_ID_NOT_FOUND,
                                    MqttProperties.NO_PROPERTIES));
        }
    }

    private void complete(int packetId) {
        if (conversation.open()) {
            var packet = conversation.connection().buffer(Packets.COMPLETED_BYTES);
            Packets.completed(packetId, packet);
            conversation.connection().write(packet);
            flushLater();
        }
    }
}
