package org.tethral.mqtt;

import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageIdVariableHeader;
import io.netty.handler.codec.mqtt.MqttPubReplyMessageVariableHeader;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttReasonCodeAndPropertiesVariableHeader;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import io.netty.handler.codec.mqtt.MqttUnsubscribeMessage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.tethral.device.Link;
import org.tethral.ingest.Fact;

/// A connection of a client that is logged in: what it says, and to whom it goes. On the event
/// loop.
final class Conversation {

    private static final Logger LOG = LoggerFactory.getLogger(Conversation.class);
    private static final int DISCONNECT_WITH_WILL = 0x04;

    /// Reason codes from here on say no (MQTT 5, 2.4).
    static final int REFUSED = 0x80;

    private final MqttConnection connection;
    private final Surroundings around;
    private final Hello hello;
    private final Identity identity;
    private final Session session;
    private final Uplink uplink;
    private final Traffic traffic;
    private @Nullable Outgoing outgoing;
    private long keepSessionSeconds;
    private boolean goodbye;
    private boolean flushDue;
    private boolean refusedBefore;

    /// @param link of a device
    Conversation(
            MqttConnection connection,
            Surroundings around,
            Hello hello,
            Identity identity,
            @Nullable Link link,
            Session session) {
        this.connection = connection;
        this.around = around;
        this.hello = hello;
        this.identity = identity;
        this.session = session;
        this.uplink = new Uplink(this, around);
        this.traffic =
                identity instanceof Identity.OfDevice(var device) && link != null
                        ? new DeviceTraffic(this, around, device, link)
                        : new GeneralTraffic(this, around);
        this.keepSessionSeconds = hello.sessionExpirySeconds();
    }

    MqttConnection connection() {
        return connection;
    }

    Hello hello() {
        return hello;
    }

    Identity identity() {
        return identity;
    }

    Traffic traffic() {
        return traffic;
    }

    Session session() {
        return session;
    }

    Uplink uplink() {
        return uplink;
    }

    boolean open() {
        return connection.conversation() == this;
    }

    Outgoing outgoing() {
        if (outgoing == null) {
            outgoing = new Outgoing(this, around);
        }
        return outgoing;
    }

    void handle(MqttMessage message) {
        switch (message.fixedHeader().messageType()) {
            case PUBLISH -> uplink.publish((MqttPublishMessage) message);
            case PUBREL -> uplink.release(packetId(message));
            case PUBACK -> {
                outgoing().acknowledged(packetId(message), reason(message));
                pump();
            }
            case PUBREC -> outgoing().received(packetId(message), refusedByClient(message));
            case PUBCOMP -> {
                outgoing().completed(packetId(message));
                pump();
            }
            case SUBSCRIBE ->
                    Subscriber.subscribe(this, around.broker(), (MqttSubscribeMessage) message);
            case UNSUBSCRIBE ->
                    Subscriber.unsubscribe(this, around.broker(), (MqttUnsubscribeMessage) message);
            case PINGREQ -> {
                connection.write(Packets.PINGRESP);
                traffic.alive();
            }
            case DISCONNECT -> disconnect(message);
            case CONNECT -> end(new Refusal(Reason.PROTOCOL_ERROR, "a second CONNECT"));
            case CONNACK, SUBACK, UNSUBACK, PINGRESP, AUTH ->
                    end(
                            new Refusal(
                                    Reason.PROTOCOL_ERROR,
                                    "unexpected " + message.fixedHeader().messageType()));
        }
    }

    /// PUBREC with a reason code of 0x80 or more (MQTT 5, 3.5.2.1).
    private static boolean refusedByClient(MqttMessage message) {
        return reason(message) >= REFUSED;
    }

    /// Of PUBACK and PUBREC; 0 of MQTT 3.1.1.
    private static int reason(MqttMessage message) {
        return message.variableHeader() instanceof MqttPubReplyMessageVariableHeader header
                ? header.reasonCode() & 0xFF
                : 0;
    }

    private static int packetId(MqttMessage message) {
        return ((MqttMessageIdVariableHeader) message.variableHeader()).messageId();
    }

    private void disconnect(MqttMessage message) {
        var reason = 0;
        if (message.variableHeader() instanceof MqttReasonCodeAndPropertiesVariableHeader header) {
            reason = header.reasonCode() & 0xFF;
            var wanted = Hello.sessionExpirySeconds(header.properties(), keepSessionSeconds);
            if (keepSessionSeconds == 0 && wanted > 0) {
                end(
                        new Refusal(
                                Reason.PROTOCOL_ERROR,
                                "a session that was to end with its connection cannot be kept"));
                return;
            }
            keepSessionSeconds = wanted;
        }
        goodbye = reason == 0;
        connection.close(
                reason == 0 || reason == DISCONNECT_WITH_WILL
                        ? "closed by the device"
                        : "closed by the device with reason 0x%02X".formatted(reason));
    }

    /// The desired values of the device were changed.
    void desiredChanged(Fact.DesiredChanged change) {
        if (traffic instanceof DeviceTraffic device) {
            device.desiredChanged(change);
        }
    }

    /// Begins: what waits goes out, what was not confirmed first.
    void begin(boolean resumed) {
        if (resumed) {
            outgoing().restart();
            traffic.resumed();
        }
    }

    /// There is something for the session.
    void messagesWait() {
        outgoing().pump();
        flushLater();
    }

    /// There is room again for what waits.
    void pump() {
        if (outgoing != null) {
            outgoing.pump();
        }
        traffic.pump();
    }

    void end(Refusal refusal) {
        connection.end(refusal);
    }

    /// Counted, and logged: the first one of a connection for everybody, the others for who looks
    /// closely.
    void refused(String what, Refusal refusal) {
        around.meters().refused(what, refusal.reason());
        LOG.atLevel(refusedBefore ? Level.DEBUG : Level.INFO)
                .addKeyValue("client", identity.owner())
                .addKeyValue("remote", connection.remoteAddress())
                .addKeyValue("reason", refusal.reason().word())
                .log(what + " refused");
        LOG.atDebug().addKeyValue("client", identity.owner()).log(refusal.text());
        refusedBefore = true;
    }

    /// There is something to write when all that is at hand is done.
    void flushLater() {
        if (!flushDue) {
            flushDue = true;
            connection.loop().flushLater(this);
        }
    }

    void flushed() {
        flushDue = false;
    }

    void flush() {
        if (open()) {
            uplink.acknowledgements().flush();
        }
        connection.flush();
    }

    /// The connection is gone.
    void close(boolean timedOut, String reason) {
        var will = goodbye ? null : hello.will();
        around.afterlife()
                .left(
                        session,
                        connection,
                        keepSessionSeconds,
                        will,
                        () -> {
                            if (will != null) {
                                traffic.say(will);
                            }
                        });
        traffic.closed(timedOut, reason);
    }
}
