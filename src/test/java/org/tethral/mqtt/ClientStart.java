package org.tethral.mqtt;

import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttConnectPayload;
import io.netty.handler.codec.mqtt.MqttConnectVariableHeader;
import io.netty.handler.codec.mqtt.MqttFixedHeader;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttQoS;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// What a CONNECT says.
public final class ClientStart {
    private final int version;
    private final String clientId;
    private boolean clean = true;
    private int keepAlive = 60;
    private @Nullable String userName;
    private @Nullable String password;
    private @Nullable String willTopic;
    private String willText = "";
    private int willQos;
    private boolean willRetain;
    private final MqttProperties willProperties = new MqttProperties();
    private final MqttProperties properties = new MqttProperties();
    private boolean silent;

    ClientStart(int version, String clientId) {
        this.version = version;
        this.clientId = clientId;
    }

    public ClientStart resuming() {
        clean = false;
        return this;
    }

    public ClientStart keepAlive(int seconds) {
        keepAlive = seconds;
        return this;
    }

    public ClientStart user(String name, @Nullable String secret) {
        userName = name;
        password = secret;
        return this;
    }

    public ClientStart will(String topic, String text, int qos, boolean retain) {
        willTopic = topic;
        willText = text;
        willQos = qos;
        willRetain = retain;
        return this;
    }

    public ClientStart willNumber(int property, int value) {
        willProperties.add(new MqttProperties.IntegerProperty(property, value));
        return this;
    }

    public ClientStart number(int property, int value) {
        properties.add(new MqttProperties.IntegerProperty(property, value));
        return this;
    }

    public ClientStart expiry(int seconds) {
        return number(MqttProperties.SESSION_EXPIRY_INTERVAL, seconds);
    }

    /// Acknowledges nothing until it is told to.
    public ClientStart silent() {
        silent = true;
        return this;
    }

    public boolean isSilent() {
        return silent;
    }

    public int version() {
        return version;
    }

    /// Returns when the server has answered.
    public TalkingClient at(int port) {
        return new TalkingClient(this, port);
    }

    MqttConnectMessage packet() {
        return new MqttConnectMessage(
                new MqttFixedHeader(MqttMessageType.CONNECT, false, MqttQoS.AT_MOST_ONCE, false, 0),
                new MqttConnectVariableHeader(
                        "MQTT",
                        version,
                        userName != null,
                        password != null,
                        willRetain,
                        willQos,
                        willTopic != null,
                        clean,
                        keepAlive,
                        properties),
                new MqttConnectPayload(
                        clientId,
                        willProperties,
                        willTopic,
                        willText.getBytes(StandardCharsets.UTF_8),
                        userName,
                        password == null ? null : password.getBytes(StandardCharsets.UTF_8)));
    }
}
