package org.tethral;

import java.time.InstantSource;
import org.tethral.dashboard.Dashboard;
import org.tethral.dashboard.FleetKeeper;
import org.tethral.sql.Database;
import org.tethral.sql.SqlFleetStore;

/// The fleet's dashboard, and what keeps its counts.
record FleetBoard(Dashboard dashboard, FleetKeeper keeper) implements AutoCloseable {

    static FleetBoard of(Database database, InstantSource clock) {
        var store = new SqlFleetStore(database);
        var keeper = new FleetKeeper(store, clock);
        return new FleetBoard(new Dashboard(store, keeper::trusted, clock), keeper);
    }

    /// To be started when all else stands.
    void start() {
        keeper.start();
    }

    @Override
    public void close() {
        keeper.close();
    }
}
