package org.tethral.lorawan;

import java.util.concurrent.CompletionStage;

/// A way down to the devices of one network server.
interface DownlinkRoute {

    Network network();

    /// Whether it must know the application that a device is in.
    default boolean needsApplication() {
        return true;
    }

    /// False: nothing can be handed over at the moment, and when it can again is seen here.
    default boolean isOpen() {
        return true;
    }

    /// Whether the network tells of downlinks by our names for them, also after a restart of ours.
    default boolean keepsNames() {
        return true;
    }

    /// Returns at once; completes when the network server has taken it. Fails with
    /// [org.tethral.space.DownlinkRefused], or with anything else where it may be tried again.
    CompletionStage<Void> send(Addresses.Address address, Downlink downlink);
}
