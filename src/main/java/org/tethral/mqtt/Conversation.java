package org.tethral.mqtt;

import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageIdVariableHeader;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttReasonCodeAndPropertiesVariableHeader;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import io.netty.handler.codec.mqtt.MqttUnsubscribeMessage;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.tethral.device.ConnectingDevice;
import org.tethral.device.Link;
import org.tethral.ingest.Decision;
import org.tethral.ingest.Fact;
import org.tethral.ingest.Inbound;

/// A connection of a device that is logged in: what it says, and to whom it goes. Its parts are
/// made when they are first needed, as most devices only report. On the event loop.
final class Conversation {

    private static final Logger LOG = LoggerFactory.getLogger(Conversation.class);
    private static final Duration TELL_ALIVE_EVERY = Decision.SEEN_STEP.dividedBy(2);
    private static final int DISCONNECT_WITH_WILL = 0x04;

    private final MqttConnection connection;
    private final Surroundings around;
    private final Hello hello;
    private final ConnectingDevice device;
    private final Link link;
    private final Session session;
    private final Uplink uplink;
    private @Nullable Outgoing outgoing;
    private @Nullable DesiredFeed desired;
    private @Nullable AttributesAnswers attributes;
    private @Nullable GatewayTraffic gateway;
    private long keepSessionSeconds;
    private @Nullable Instant toldAlive;
    private boolean flushDue;
    private boolean refusedBefore;

    Conversation(
            MqttConnection connection,
            Surroundings around,
            Hello hello,
            ConnectingDevice device,
            Link link,
            Session session) {
        this.connection = connection;
        this.around = around;
        this.hello = hello;
        this.device = device;
        this.link = link;
        this.session = session;
        this.uplink = new Uplink(this, around);
        this.keepSessionSeconds = hello.sessionExpirySeconds();
    }

    MqttConnection connection() {
        return connection;
    }

    Hello hello() {
        return hello;
    }

    ConnectingDevice device() {
        return device;
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
            outgoing = new Outgoing(connection, hello, around.meters());
        }
        return outgoing;
    }

    DesiredFeed desired() {
        if (desired == null) {
            desired = new DesiredFeed(this, around);
        }
        return desired;
    }

    AttributesAnswers attributes() {
        if (attributes == null) {
            attributes = new AttributesAnswers(this, around);
        }
        return attributes;
    }

    GatewayTraffic gateway() {
        if (gateway == null) {
            gateway = new GatewayTraffic(this, around);
        }
        return gateway;
    }

    void handle(MqttMessage message) {
        switch (message.fixedHeader().messageType()) {
            case PUBLISH -> uplink.publish((MqttPublishMessage) message);
            case PUBREL -> uplink.release(packetId(message));
            case PUBACK -> {
                outgoing().acknowledged(packetId(message));
                pump();
            }
            case PUBREC -> released(packetId(message));
            case PUBCOMP -> {} // of a QoS 2 message that this server never sent
            case SUBSCRIBE -> Subscriber.subscribe(this, (MqttSubscribeMessage) message);
            case UNSUBSCRIBE -> Subscriber.unsubscribe(this, (MqttUnsubscribeMessage) message);
            case PINGREQ -> ping();
            case DISCONNECT -> disconnect(message);
            case CONNECT -> end(new Refusal(Reason.PROTOCOL_ERROR, "a second CONNECT"));
            case CONNACK, SUBACK, UNSUBACK, PINGRESP, AUTH ->
                    end(
                            new Refusal(
                                    Reason.PROTOCOL_ERROR,
                                    "unexpected " + message.fixedHeader().messageType()));
        }
    }

    /// The server sends no QoS 2: whatever the client means, it may forget it.
    private void released(int packetId) {
        connection.write(
                Packets.release(
                        packetId,
                        hello.version5() ? Packets.PACKET_ID_NOT_FOUND : 0,
                        MqttProperties.NO_PROPERTIES));
    }

    private static int packetId(MqttMessage message) {
        return ((MqttMessageIdVariableHeader) message.variableHeader()).messageId();
    }

    /// A sign of life: told to the platform, though not each of a client that pings in a loop, and
    /// not worth waiting for.
    private void ping() {
        connection.write(Packets.PINGRESP);
        var now = connection.receivedAt();
        if (toldAlive == null
                || Duration.between(toldAlive, now).abs().compareTo(TELL_ALIVE_EVERY) >= 0) {
            toldAlive = now;
            around.ingest()
                    .offer(new Inbound.Heartbeat(device, now), 0, around.meters().unacknowledged());
        }
    }

    private void disconnect(MqttMessage message) {
        var reason = 0;
        if (message.variableHeader() instanceof MqttReasonCodeAndPropertiesVariableHeader header) {
            reason = header.reasonCode() & 0xFF;
            keepSessionSeconds =
                    Hello.sessionExpirySeconds(header.properties(), keepSessionSeconds);
        }
        connection.close(
                reason == 0 || reason == DISCONNECT_WITH_WILL
                        ? "closed by the device"
                        : "closed by the device with reason 0x%02X".formatted(reason));
    }

    /// The desired values of the device were changed. What nobody subscribed to makes no work.
    void desiredChanged(Fact.DesiredChanged change) {
        if (!session.subscriptions().isEmpty()) {
            desired().changed(change);
        }
    }

    /// The session was there before.
    void resume() {
        if (!session.subscriptions().isEmpty()) {
            desired().subscribed(session.subscriptions());
        }
    }

    /// There is room again for what waits.
    void pump() {
        if (outgoing != null) {
            outgoing.pump();
        }
        if (desired != null) {
            desired.pump();
        }
    }

    void end(Refusal refusal) {
        connection.end(refusal);
    }

    /// Counted, and logged: the first one of a connection for everybody, the others for who looks
    /// closely.
    void refused(String what, Refusal refusal) {
        around.meters().refused(what, refusal.reason());
        LOG.atLevel(refusedBefore ? Level.DEBUG : Level.INFO)
                .addKeyValue("device_id", device.id())
                .addKeyValue("community", device.community())
                .addKeyValue("remote", link.remoteAddress())
                .addKeyValue("reason", refusal.reason().word())
                .log(what + " refused");
        LOG.atDebug().addKeyValue("device_id", device.id()).log(refusal.text());
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

    /// The connection is gone; told to the platform, in the end also where the queue is full at the
    /// moment.
    void close(boolean timedOut, String reason) {
        if (gateway != null) {
            gateway.close();
        }
        around.sessions().leave(device.id(), session, connection, keepSessionSeconds);
        tell(new Inbound.Disconnected(device, around.clock().instant(), link, timedOut, reason));
    }

    private void tell(Inbound.Disconnected gone) {
        if (!around.ingest().offer(gone, 0, around.meters().unacknowledged())) {
            around.ingest().whenRoom(device.id(), () -> tell(gone));
        }
    }
}
