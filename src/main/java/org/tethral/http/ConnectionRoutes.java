package org.tethral.http;

import org.tethral.device.ConnectionLog;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// When which device connected.
final class ConnectionRoutes {

    private final ConnectionLog connections;

    ConnectionRoutes(HttpEdge.Parts parts) {
        this.connections = parts.stores().connections();
    }

    void on(Operations.Target operations) {
        operations.on(
                "listConnections",
                request ->
                        Reply.ok(
                                Fields.page(
                                        connections.newest(request.community(), request.page()),
                                        ConnectionRoutes::document)));
        operations.on(
                "connectionHistory",
                request ->
                        Reply.ok(
                                Fields.page(
                                        connections.list(request.deviceId(), request.page()),
                                        ConnectionRoutes::document)));
    }

    static Document document(ConnectionLog.Entry entry) {
        var session = entry.session();
        return new Fields()
                .text("device_id", entry.device())
                .text("event", entry.kind().word())
                .text("protocol", entry.protocol().word())
                .text("remote_address", entry.remoteAddress())
                .text("node", entry.node())
                .text("reason", entry.reason())
                .value(
                        "session_seconds",
                        session == null ? Value.Null.NULL : Value.of(session.toMillis() / 1e3))
                .time("timestamp", entry.at())
                .document();
    }
}
