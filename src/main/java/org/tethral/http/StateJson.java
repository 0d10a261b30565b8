package org.tethral.http;

import org.tethral.kernel.Document;
import org.tethral.state.DeviceState;
import org.tethral.state.Snapshot;
import org.tethral.state.StateChange;

/// States and snapshots as the API shows them.
final class StateJson {

    private StateJson() {}

    static Document document(DeviceState state) {
        return new Fields()
                .word("device_id", state.device())
                .word("current_state", state.current())
                .time("since", state.since())
                .time("last_updated", state.lastUpdated())
                .value("reported", state.reported())
                .number("reported_version", state.reportedVersion())
                .value("desired", state.desired())
                .number("desired_version", state.desiredVersion())
                .value("delta", state.delta())
                .value("configuration", state.configuration())
                .value("metadata", state.metadata())
                .document();
    }

    static Document change(StateChange change) {
        return new Fields()
                .word("device_id", change.device())
                .word("from_state", change.from())
                .word("to_state", change.to())
                .time("timestamp", change.at())
                .text("reason", change.reason())
                .word("actor", change.actor())
                .document();
    }

    static Document snapshot(Snapshot snapshot) {
        return new Fields()
                .word("device_id", snapshot.device())
                .time("timestamp", snapshot.timestamp())
                .number("sequence", snapshot.sequence())
                .value("values", snapshot.values())
                .word("message_id", snapshot.messageId())
                .document();
    }
}
