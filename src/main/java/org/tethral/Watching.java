package org.tethral;

import java.time.InstantSource;
import java.util.random.RandomGenerator;
import org.tethral.alert.Alerting;
import org.tethral.ingest.AlertFeed;
import org.tethral.ingest.Ingest;
import org.tethral.sql.SqlAlertStore;
import org.tethral.sql.SqlHistoryStore;
import org.tethral.sql.SqlStateStore;
import org.tethral.sql.SqlWatchStore;

/// Wires the alert rules to what is committed.
final class Watching {

    private Watching() {}

    /// To be started when all else stands.
    static Alerting over(
            Ingest ingest,
            Tethral.Storage kept,
            String node,
            InstantSource clock,
            RandomGenerator random) {
        var alerts =
                new Alerting(
                        new SqlAlertStore(kept.database()),
                        new SqlWatchStore(kept.database(), random),
                        new SqlHistoryStore(kept.database(), ingest::settleRollups),
                        new SqlStateStore(kept.database()),
                        node,
                        clock);
        ingest.listen(new AlertFeed(alerts));
        return alerts;
    }
}
