package org.tethral.websocket;

import org.tethral.ingest.Fact;
import org.tethral.kernel.Document;
import org.tethral.state.DeviceState;

/// The values that are wanted of a device.
///
/// @param delta those that it did not report yet
record Desired(Document values, long version, Document delta) {

    static Desired of(DeviceState state) {
        return new Desired(state.desired(), state.desiredVersion(), state.delta());
    }

    static Desired of(Fact.DesiredChanged change) {
        return new Desired(change.desired(), change.version(), change.delta());
    }
}
