package org.tethral.ingest;

import java.util.List;
import org.tethral.alert.Alerting;
import org.tethral.alert.Observation;

/// Hands on what rules look at of that which was committed.
public final class AlertFeed implements Ingest.Listener {

    private final Alerting alerts;

    public AlertFeed(Alerting alerts) {
        this.alerts = alerts;
    }

    @Override
    public void committed(List<Fact> facts) {
        var book = alerts.book();
        for (var fact : facts) {
            if (fact instanceof Fact.Reported(var snapshot, _)) {
                var report =
                        book.observed(
                                snapshot.device(),
                                snapshot.timestamp(),
                                snapshot.sequence(),
                                snapshot.values());
                if (report != null) {
                    alerts.offer(report);
                }
            } else if (fact instanceof Fact.StateMoved(var change, _) && book.looksAtStates()) {
                alerts.offer(new Observation.Moved(change.device(), change.at(), change.to()));
            }
        }
    }
}
