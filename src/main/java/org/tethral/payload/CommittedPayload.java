package org.tethral.payload;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tethral.device.ConnectionLog;
import org.tethral.event.Event;
import org.tethral.ingest.Fact;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;
import org.tethral.state.Snapshot;
import org.tethral.state.StateChange;

/// What was committed, as applications are told: with the names of the API, without what is not
/// there.
///
/// @param kind `reports`, `state`, `events` or `connection`
public record CommittedPayload(String kind, Document document) {

    /// Null: applications are not told of it in this way.
    public static @Nullable CommittedPayload of(Fact fact) {
        return switch (fact) {
            case Fact.Reported(var snapshot, _) ->
                    new CommittedPayload("reports", document(snapshot));
            case Fact.StateMoved(var change, _) -> new CommittedPayload("state", document(change));
            case Fact.Happened(_, var logged) -> new CommittedPayload("events", document(logged));
            case Fact.Linked(_, var entry, _) ->
                    new CommittedPayload("connection", document(entry));
            case Fact.DesiredChanged _, Fact.Configured _, Fact.DispatchMoved _ -> null;
        };
    }

    private static Document document(Snapshot snapshot) {
        var fields = new LinkedHashMap<String, Value>();
        put(fields, "device_id", snapshot.device());
        put(fields, "timestamp", snapshot.timestamp());
        fields.put("sequence", Value.of(snapshot.sequence()));
        fields.put("values", snapshot.values());
        put(
                fields,
                "message_id",
                snapshot.messageId() == null ? null : snapshot.messageId().value());
        return new Document(fields);
    }

    private static Document document(StateChange change) {
        var fields = new LinkedHashMap<String, Value>();
        put(fields, "device_id", change.device());
        put(fields, "from_state", change.from());
        put(fields, "to_state", change.to());
        put(fields, "timestamp", change.at());
        put(fields, "reason", change.reason());
        put(fields, "actor", change.actor());
        return new Document(fields);
    }

    private static Document document(Event.Logged logged) {
        var event = logged.event();
        var fields = new LinkedHashMap<String, Value>();
        fields.put("sequence", Value.of(logged.sequence()));
        put(fields, "event_id", event.id());
        put(fields, "type", event.type());
        put(fields, "source", event.source());
        put(fields, "device_id", event.device());
        put(fields, "timestamp", event.timestamp());
        fields.put("data", event.data());
        fields.put("metadata", event.metadata());
        put(fields, "priority", event.priority().word());
        if (event.ttl() != null) {
            fields.put("ttl", Value.of(event.ttl().toSeconds()));
        }
        return new Document(fields);
    }

    private static Document document(ConnectionLog.Entry entry) {
        var fields = new LinkedHashMap<String, Value>();
        put(fields, "device_id", entry.device());
        put(fields, "event", entry.kind().word());
        put(fields, "protocol", entry.protocol().word());
        put(fields, "remote_address", entry.remoteAddress());
        put(fields, "node", entry.node());
        put(fields, "reason", entry.reason());
        if (entry.session() != null) {
            fields.put("session_seconds", Value.of(entry.session().toMillis() / 1e3));
        }
        put(fields, "timestamp", entry.at());
        return new Document(fields);
    }

    private static void put(Map<String, Value> fields, String name, @Nullable Object value) {
        if (value != null) {
            fields.put(name, Value.of(value.toString()));
        }
    }
}
