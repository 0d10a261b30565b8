package org.tethral.device;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// Tells whoever holds connections or remembers a device that it was removed, disabled, or that a
/// credential of it ended: open connections close, remembered log-ins and situations are dropped.
public final class Evictions {

    @FunctionalInterface
    public interface Listener {
        /// Must return at once.
        void evict(DeviceId device, String reason);
    }

    private final List<Listener> listeners = new CopyOnWriteArrayList<>();

    public void listen(Listener listener) {
        listeners.add(listener);
    }

    public void evict(DeviceId device, String reason) {
        listeners.forEach(listener -> listener.evict(device, reason));
    }
}
