package org.tethral;

import java.time.InstantSource;
import java.util.List;
import java.util.random.RandomGenerator;
import org.tethral.alert.Alerting;
import org.tethral.alert.Anomalies;
import org.tethral.alert.AnomalyLimits;
import org.tethral.ingest.AlertFeed;
import org.tethral.ingest.Fact;
import org.tethral.ingest.Ingest;
import org.tethral.sql.SqlAlertStore;
import org.tethral.sql.SqlAnomalyStore;
import org.tethral.sql.SqlHistoryStore;
import org.tethral.sql.SqlStateStore;
import org.tethral.sql.SqlWatchStore;

/// What looks at what is committed: the alert rules, and the search for anomalies.
record Watching(Alerting alerts, Anomalies anomalies) implements AutoCloseable {

    /// To be started when all else stands.
    static Watching over(
            Ingest ingest,
            Tethral.Storage kept,
            String node,
            InstantSource clock,
            RandomGenerator random) {
        var watching =
                new Watching(
                        new Alerting(
                                new SqlAlertStore(kept.database()),
                                new SqlWatchStore(kept.database(), random),
                                new SqlHistoryStore(kept.database(), ingest::settleRollups),
                                new SqlStateStore(kept.database()),
                                node,
                                clock),
                        new Anomalies(
                                new SqlAnomalyStore(kept.database()), AnomalyLimits.USUAL, clock));
        ingest.listen(new AlertFeed(watching.alerts()));
        ingest.listen(watching::committed);
        return watching;
    }

    void start() {
        alerts.start();
        anomalies.start();
    }

    private void committed(List<Fact> facts) {
        for (var fact : facts) {
            if (fact instanceof Fact.StateMoved) {
                anomalies.moved(fact.device());
            }
        }
    }

    @Override
    public void close() {
        anomalies.close();
        alerts.close();
    }
}
