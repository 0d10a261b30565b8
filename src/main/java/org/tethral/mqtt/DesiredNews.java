package org.tethral.mqtt;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.tethral.ingest.Fact;

/// The newest change of a device's desired values on its way to the event loop of a connection. Of
/// several changes that wait, the last one stands for all.
final class DesiredNews {

    private final MqttConnection connection;
    private final AtomicReference<Fact.@Nullable DesiredChanged> newest = new AtomicReference<>();

    DesiredNews(MqttConnection connection) {
        this.connection = connection;
    }

    /// From any thread; handed over when its outbox is rung.
    void changed(Fact.DesiredChanged change) {
        if (newest.getAndSet(change) == null) {
            connection.loop().outbox().add(this::tell);
        }
    }

    private void tell() {
        var change = newest.getAndSet(null);
        var conversation = connection.conversation();
        if (change != null && conversation != null) {
            conversation.desiredChanged(change);
        }
    }
}
