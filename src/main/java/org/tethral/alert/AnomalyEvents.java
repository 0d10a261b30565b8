package org.tethral.alert;

import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.tethral.account.Actor;
import org.tethral.event.Event;
import org.tethral.event.EventType;
import org.tethral.event.Priority;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// The events that tell of anomalies: `anomaly.flapping`, `anomaly.stuck`, `anomaly.silent`.
public final class AnomalyEvents {

    private static final Actor SOURCE = Actor.system("anomalies");

    private AnomalyEvents() {}

    public static Event of(Anomaly anomaly, Instant at) {
        return new Event(
                UUID.randomUUID().toString(),
                new EventType("anomaly." + anomaly.word()),
                SOURCE.toString(),
                anomaly.device(),
                anomaly.community(),
                at,
                data(anomaly, at),
                Document.EMPTY,
                Priority.HIGH,
                null);
    }

    private static Document data(Anomaly anomaly, Instant at) {
        return switch (anomaly) {
            case Anomaly.Flapping(_, _, var changes, var window) ->
                    Document.of("changes", Value.of(changes))
                            .with("window_seconds", Value.of(window.toSeconds()));
            case Anomaly.Stuck(_, _, var state, var since) ->
                    lasting(since, at).with("state", Value.of(state.value()));
            case Anomaly.Silent(_, _, var since) -> lasting(since, at);
        };
    }

    private static Document lasting(Instant since, Instant at) {
        return Document.of("since", Value.of(since.toString()))
                .with("seconds", Value.of(Duration.between(since, at).toSeconds()));
    }
}
