package org.tethral.command;

import org.tethral.device.DeviceId;

/// Where protocols announce which devices they can reach. From any thread; each method returns at
/// once.
public interface Switchboard {

    /// From now on, commands for the device may be sent this way, those first that wait for it. To
    /// be called when the device is ready to take one: registered on its WebSocket, subscribed to
    /// its command topic, waiting in its long poll. Where the device can be reached in several
    /// ways, the newest is used.
    void reachable(DeviceId device, Downlink downlink);

    /// The connection has ended, the subscription or the request. What was sent this way and not
    /// acknowledged counts as lost. Harmless when it is told twice, or was never announced.
    void unreachable(DeviceId device, Downlink downlink);

    /// Carries nothing: for tests, and parts that run without commands.
    Switchboard NONE =
            new Switchboard() {
                @Override
                public void reachable(DeviceId device, Downlink downlink) {}

                @Override
                public void unreachable(DeviceId device, Downlink downlink) {}
            };
}
