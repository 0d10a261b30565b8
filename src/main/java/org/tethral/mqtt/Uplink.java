package org.tethral.mqtt;

import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.IntegerProperty;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttPublishVariableHeader;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;
import org.tethral.device.ConnectingDevice;
import org.tethral.ingest.Inbound;
import org.tethral.ingest.Ingest;
import org.tethral.payload.Malformed;
import org.tethral.payload.NativePayload;
import org.tethral.payload.ThingsBoardPayload;

/// What a device publishes, on its way into the queue. On the event loop.
final class Uplink {

    static final int TOPIC_ALIAS_MAX = 16;

    /// What the queue did not take: it goes first as soon as there is room.
    private record Offer(Inbound message, int bytes, Ingest.Reply reply) {}

    private final Conversation conversation;
    private final Surroundings around;
    private final Acknowledgements acknowledgements;
    private @Nullable Queue<Offer> stalled;
    private @Nullable String @Nullable [] aliases;
    private String lastTopic = "";
    private Destination lastDestination = Destination.Nowhere.FOREIGN;

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
        take(destination(topic), topic, ByteBufUtil.getBytes(message.payload()), acknowledgement);
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

    private Destination destination(String topic) {
        if (!topic.equals(lastTopic)) {
            lastDestination =
                    Destination.of(
                            topic, conversation.device().id(), around.settings().topicMaps());
            lastTopic = topic;
        }
        return lastDestination;
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
        if (topic.isEmpty()) {
            conversation.end(new Refusal(Reason.PROTOCOL_ERROR, "a message without a topic"));
            return null;
        }
        return topic;
    }

    private void take(
            Destination destination,
            String topic,
            byte[] payload,
            Acknowledgement acknowledgement) {
        try {
            switch (destination) {
                case Destination.Own own ->
                        offer(inbound(own, payload), payload.length, acknowledgement);
                case Destination.AttributesRequest request ->
                        conversation.attributes().answer(request, payload, acknowledgement);
                case Destination.Gateway gateway ->
                        conversation.gateway().take(gateway, payload, acknowledgement);
                case Destination.Mapped(var match) ->
                        conversation.gateway().take(match, payload, acknowledgement);
                case Destination.Claim _ ->
                        ClaimRequest.take(conversation, around, payload, acknowledgement);
                case Destination.Nowhere.FOREIGN ->
                        refuse(
                                acknowledgement,
                                new Refusal(
                                        Reason.NOT_AUTHORIZED,
                                        "device "
                                                + conversation.device().id()
                                                + " must not publish to "
                                                + topic));
                case Destination.Nowhere.NOT_SERVED ->
                        refuse(
                                acknowledgement,
                                new Refusal(
                                        Reason.TOPIC_NAME_INVALID,
                                        "nothing is served at topic " + topic));
            }
        } catch (Malformed e) {
            refuse(
                    acknowledgement,
                    new Refusal(Reason.PAYLOAD_FORMAT_INVALID, String.valueOf(e.getMessage())));
        }
    }

    private Inbound inbound(Destination.Own destination, byte[] payload) throws Malformed {
        var device = conversation.device();
        var now = conversation.connection().receivedAt();
        return switch (destination) {
            case REPORT -> new Inbound.Report(device, now, NativePayload.report(payload, now));
            case STATE -> state(device, now, payload);
            case EVENT ->
                    new Inbound.EventReport(
                            device,
                            now,
                            NativePayload.event(payload, device, now, around.random()));
            case TELEMETRY ->
                    new Inbound.Report(device, now, ThingsBoardPayload.telemetry(payload, now));
            case ATTRIBUTES ->
                    new Inbound.Report(
                            device,
                            now,
                            java.util.List.of(ThingsBoardPayload.attributes(payload, now)));
        };
    }

    private static Inbound state(ConnectingDevice device, Instant now, byte[] payload)
            throws Malformed {
        var message = NativePayload.state(payload);
        return new Inbound.StateReport(
                device, now, message.state(), message.reason(), Actor.device(device.id().value()));
    }

    /// Into the queue, in order. Where the queue is full the connection is not read until there is
    /// room.
    void offer(Inbound message, int bytes, Ingest.@Nullable Reply acknowledgement) {
        var reply = acknowledgement == null ? around.meters().unacknowledged() : acknowledgement;
        if (stalled == null && around.ingest().offer(message, bytes, reply)) {
            return;
        }
        if (stalled == null) {
            stalled = new ArrayDeque<>(1);
            conversation.connection().intake().pause(Intake.Pause.QUEUE_FULL);
            whenRoom(message);
        }
        stalled.add(new Offer(message, bytes, reply));
    }

    private void whenRoom(Inbound message) {
        around.ingest().whenRoom(message.device().id(), () -> outbox().addAndRing(this::retry));
    }

    /// Also after the connection has closed: what was taken from it is not dropped.
    private void retry() {
        var waiting = stalled;
        if (waiting == null) {
            return;
        }
        for (var offer = waiting.peek(); offer != null; offer = waiting.peek()) {
            if (!around.ingest().offer(offer.message(), offer.bytes(), offer.reply())) {
                whenRoom(offer.message());
                return;
            }
            waiting.remove();
        }
        stalled = null;
        conversation.connection().intake().resume(Intake.Pause.QUEUE_FULL);
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
        if (known || !conversation.hello().version5()) {
            var packet = conversation.connection().buffer(Packets.COMPLETED_BYTES);
            Packets.completed(packetId, packet);
            conversation.connection().write(packet);
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
}
