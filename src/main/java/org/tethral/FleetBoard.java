package org.tethral;

import java.time.InstantSource;
import java.util.List;
import org.tethral.dashboard.Dashboard;
import org.tethral.dashboard.FleetKeeper;
import org.tethral.dashboard.HealthRounds;
import org.tethral.ingest.Fact;
import org.tethral.ingest.Ingest;
import org.tethral.sql.Database;
import org.tethral.sql.SqlFleetStore;
import org.tethral.sql.SqlHealthStore;

/// The fleet's dashboard, what keeps its counts, and what judges the health of devices.
record FleetBoard(Dashboard dashboard, FleetKeeper keeper, HealthRounds health)
        implements AutoCloseable {

    static FleetBoard of(Database database, Ingest ingest, InstantSource clock) {
        var store = new SqlFleetStore(database);
        var keeper = new FleetKeeper(store, clock);
        var board =
                new FleetBoard(
                        new Dashboard(store, keeper::trusted, clock),
                        keeper,
                        new HealthRounds(new SqlHealthStore(database), clock));
        ingest.listen(board::committed);
        return board;
    }

    /// To be started when all else stands.
    void start() {
        keeper.start();
        health.start();
    }

    private void committed(List<Fact> facts) {
        for (var fact : facts) {
            if (fact instanceof Fact.StateMoved || fact instanceof Fact.Linked) {
                health.changed(fact.device());
            }
        }
    }

    @Override
    public void close() {
        health.close();
        keeper.close();
    }
}
