package org.tethral.mqtt;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageIdVariableHeader;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import io.netty.handler.codec.mqtt.MqttUnsubscribeMessage;
import java.time.Duration;
import java.util.ArrayList;
import org.tethral.broker.TopicFilter;
import org.tethral.device.Protocol;
import org.tethral.device.Provisioning;
import org.tethral.json.Json;
import org.tethral.kernel.Document;
import org.tethral.kernel.StorageException;
import org.tethral.payload.Malformed;
import org.tethral.payload.ProvisioningPayload;

/// A connection of a device that nobody knows yet (user name `provision`, ThingsBoard device
/// provisioning): it asks to be registered on `/provision/request`, is answered on
/// `/provision/response`, and can do nothing else. On the event loop; the registration off it.
final class ProvisioningTalk {

    /// The name with which such a device logs in; no token is called so.
    static final String USER_NAME = "provision";

    /// A device needs one. More are for who guesses secrets.
    static final int REQUESTS_MAX = 5;

    static final Duration SILENCE_MAX = Duration.ofSeconds(60);

    private static final String REQUEST = "/provision/request";
    private static final String RESPONSE = "/provision/response";
    private static final int NOT_SUBSCRIBED = -1;
    private static final int PACKET_ID = 1;

    private final MqttConnection connection;
    private final Surroundings around;
    private final Hello hello;
    private int answersQos = NOT_SUBSCRIBED;
    private int requests;

    ProvisioningTalk(MqttConnection connection, Surroundings around, Hello hello) {
        this.connection = connection;
        this.around = around;
        this.hello = hello;
    }

    static boolean isMeant(Credentials credentials) {
        return switch (credentials) {
            case Credentials.Token(var token) -> token.reveal().equals(USER_NAME);
            case Credentials.Password(var userName, _) -> userName.equals(USER_NAME);
            case Credentials.Certificate _, Credentials.None _ -> false;
        };
    }

    Hello hello() {
        return hello;
    }

    void handle(MqttMessage message) {
        switch (message.fixedHeader().messageType()) {
            case PUBLISH -> publish((MqttPublishMessage) message);
            case SUBSCRIBE -> subscribe((MqttSubscribeMessage) message);
            case UNSUBSCRIBE -> unsubscribe((MqttUnsubscribeMessage) message);
            case PINGREQ -> connection.write(Packets.PINGRESP);
            case PUBREL -> connection.write(reply(MqttMessageType.PUBCOMP, packetId(message)));
            case PUBACK, PUBREC, PUBCOMP -> {} // of an answer, which is not sent again
            case DISCONNECT -> connection.close("closed by the device");
            case CONNECT, CONNACK, SUBACK, UNSUBACK, PINGRESP, AUTH ->
                    connection.end(
                            new Refusal(
                                    Reason.PROTOCOL_ERROR,
                                    "unexpected " + message.fixedHeader().messageType()));
        }
    }

    private static int packetId(MqttMessage message) {
        return ((MqttMessageIdVariableHeader) message.variableHeader()).messageId();
    }

    private void subscribe(MqttSubscribeMessage message) {
        var codes = new ArrayList<Integer>();
        Refusal why = null;
        for (var wanted : message.payload().topicSubscriptions()) {
            var filter = TopicFilter.parse(wanted.topicFilter());
            if (filter != null && filter.matches(RESPONSE)) {
                answersQos = Math.min(1, wanted.qualityOfService().value());
                codes.add(answersQos);
            } else {
                why = new Refusal(Reason.NOT_AUTHORIZED, "only " + RESPONSE + " is for you yet");
                codes.add(hello.version5() ? why.reason().code() & 0xFF : 0x80);
            }
        }
        connection.write(
                Packets.subscribed(message.variableHeader().messageId(), codes, why, hello));
    }

    private void unsubscribe(MqttUnsubscribeMessage message) {
        answersQos = NOT_SUBSCRIBED;
        var codes = message.payload().topics().stream().map(_ -> (short) 0).toList();
        connection.write(
                Packets.unsubscribed(
                        message.variableHeader().messageId(), codes, hello.version5()));
    }

    private void publish(MqttPublishMessage message) {
        var topic = message.variableHeader().topicName();
        if (!topic.equals(REQUEST)) {
            connection.end(
                    new Refusal(Reason.NOT_AUTHORIZED, "only " + REQUEST + " is for you yet"));
            return;
        }
        if (++requests > REQUESTS_MAX) {
            connection.end(
                    new Refusal(Reason.QUOTA_EXCEEDED, "more than " + REQUESTS_MAX + " requests"));
            return;
        }
        var qos = message.fixedHeader().qosLevel().value();
        var packetId = message.variableHeader().packetId();
        try {
            var asked = ProvisioningPayload.thingsBoard(ByteBufUtil.getBytes(message.payload()));
            ask(asked, qos, packetId);
        } catch (Malformed e) {
            answer(ProvisioningPayload.thingsBoardFailure(e), qos, packetId);
        }
    }

    /// Nothing more is read meanwhile: one registration at a time.
    private void ask(ProvisioningPayload asked, int qos, int packetId) {
        var started = around.hashes().start(() -> register(asked, qos, packetId));
        if (started) {
            connection.intake().pause(Intake.Pause.LOOKUP);
        } else {
            connection.end(
                    new Refusal(Reason.SERVER_BUSY, "too many registrations; try again shortly"));
        }
    }

    /// On a virtual thread.
    private void register(ProvisioningPayload asked, int qos, int packetId) {
        Runnable next;
        try {
            var outcome = around.provisioning().ask(asked.request());
            var name = asked.name().orElse(hello.clientId());
            Provisioning.reason(outcome)
                    .ifPresent(reason ->
                            around.rejections()
                                    .rejected(
                                            name,
                                            Protocol.MQTT,
                                            connection.remoteAddress(),
                                            reason));
            var answer = asked.thingsBoardAnswer(outcome);
            next = () -> answer(answer, qos, packetId);
        } catch (StorageException e) {
            next =
                    () ->
                            connection.end(
                                    new Refusal(
                                            Reason.SERVER_BUSY,
                                            "the database does not answer; try again"));
        }
        var then = next;
        connection
                .loop()
                .outbox()
                .addAndRing(() -> {
                    then.run();
                    connection.flush();
                    connection.intake().resume(Intake.Pause.LOOKUP);
                });
    }

    private void answer(Document answer, int qos, int packetId) {
        if (connection.closed()) {
            return;
        }
        if (qos > 0) {
            connection.write(
                    reply(qos == 1 ? MqttMessageType.PUBACK : MqttMessageType.PUBREC, packetId));
        }
        if (answersQos != NOT_SUBSCRIBED) {
            connection.write(
                    Packets.publish(
                            RESPONSE,
                            Unpooled.wrappedBuffer(Json.bytes(answer)),
                            answersQos,
                            false,
                            answersQos == 0 ? 0 : PACKET_ID,
                            false,
                            MqttProperties.NO_PROPERTIES));
        }
    }

    private static MqttMessage reply(MqttMessageType type, int packetId) {
        return Packets.reply(type, packetId, (byte) 0, MqttProperties.NO_PROPERTIES);
    }
}
