package org.tethral.alert;

import java.time.Instant;
import java.util.UUID;
import org.tethral.account.Actor;
import org.tethral.event.Event;
import org.tethral.event.EventType;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// The events that tell of alerts: `alert.triggered`, `alert.acknowledged`, `alert.resolved`, each
/// with the `alert_id`, of the priority of the alert's severity.
public final class AlertEvents {

    private AlertEvents() {}

    public static Event triggered(Alert alert) {
        return tell(
                "alert.triggered",
                alert,
                Actor.system("alerts"),
                alert.triggeredAt(),
                about(alert));
    }

    public static Event acknowledged(Alert alert, Alert.Acknowledgement by) {
        var data = about(alert).with("acknowledged_by", Value.of(by.by().toString()));
        return tell(
                "alert.acknowledged",
                alert,
                by.by(),
                by.at(),
                by.note() == null ? data : data.with("note", Value.of(by.note())));
    }

    public static Event resolved(Alert alert, Alert.Resolution resolution) {
        return tell(
                "alert.resolved",
                alert,
                resolution.by(),
                resolution.at(),
                about(alert).with("resolution", Value.of(resolution.why())));
    }

    private static Document about(Alert alert) {
        var data =
                Document.of("alert_id", Value.of(alert.id().toString()))
                        .with("rule_id", Value.of(alert.rule().toString()))
                        .with("severity", Value.of(alert.severity().word()))
                        .with("message", Value.of(alert.message()));
        return alert.value() == null ? data : data.with("value", Value.of(alert.value()));
    }

    private static Event tell(String type, Alert alert, Actor source, Instant at, Document data) {
        return new Event(
                UUID.randomUUID().toString(),
                new EventType(type),
                source.toString(),
                alert.device(),
                alert.community(),
                at,
                data,
                Document.EMPTY,
                alert.severity().priority(),
                null);
    }
}
