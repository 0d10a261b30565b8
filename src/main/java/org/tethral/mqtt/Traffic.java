package org.tethral.mqtt;

import io.netty.handler.codec.mqtt.MqttPublishMessage;
import java.util.List;
import org.tethral.broker.Subscription;
import org.tethral.broker.Will;

/// What becomes of what a client says, and what it is told, by who it is. On the event loop.
sealed interface Traffic permits DeviceTraffic, GeneralTraffic {

    /// A message with its alias resolved; the acknowledgement stands in its queue already.
    void take(MqttPublishMessage message, String topic, Acknowledgement acknowledgement);

    /// The most that a subscription is granted.
    int qosMax();

    /// Subscriptions were made that want what there is already.
    void subscribed(List<Subscription> fresh);

    /// The session has other subscriptions than before, and its client knows.
    void subscriptionsChanged();

    /// The session was there before the connection.
    void resumed();

    /// A sign of life.
    void alive();

    /// There is room again for what waits.
    void pump();

    /// Says a will, perhaps long after the connection was closed.
    void say(Will will);

    /// The connection is gone.
    void closed(boolean timedOut, String reason);
}
