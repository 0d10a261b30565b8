package org.tethral;

import java.time.InstantSource;
import java.util.random.RandomGenerator;
import org.tethral.dispatch.DisplayCommands;
import org.tethral.http.HttpEdge;
import org.tethral.ingest.Ingest;
import org.tethral.ingest.SpaceFeed;
import org.tethral.space.Actuator;
import org.tethral.space.SpaceKeeper;
import org.tethral.sql.SpaceTurns;
import org.tethral.sql.SqlActuationStore;
import org.tethral.sql.SqlHistoryStore;
import org.tethral.sql.SqlLocationStore;
import org.tethral.sql.SqlReservationStore;
import org.tethral.sql.SqlServingDevices;
import org.tethral.sql.SqlSpaceStore;
import org.tethral.sql.SqlSpaceWork;

/// All that keeps spaces and their displays, wired.
record Placing(SpaceTurns turns, SpaceKeeper keeper, Actuator actuator) implements AutoCloseable {

    static Placing of(
            Tethral.Storage kept,
            Ingest ingest,
            Commands commands,
            InstantSource clock,
            RandomGenerator random) {
        var turns = new SpaceTurns(kept.database(), random);
        var displays = new DisplayCommands(commands.issuing(), clock);
        var actuator = new Actuator(new SqlActuationStore(turns), displays, clock);
        displays.tell(actuator);
        var keeper =
                new SpaceKeeper(
                        new SqlSpaceWork(turns),
                        new SqlHistoryStore(kept.database(), ingest::settleRollups),
                        actuator::look,
                        clock);
        ingest.listen(new SpaceFeed(keeper, actuator));
        ingest.listen(displays);
        return new Placing(turns, keeper, actuator);
    }

    HttpEdge.Spaces forHttp() {
        return new HttpEdge.Spaces(
                new SqlSpaceStore(turns),
                new SqlLocationStore(turns.database()),
                new SqlServingDevices(turns),
                new SqlReservationStore(turns),
                new SqlActuationStore(turns),
                keeper::look);
    }

    void start() {
        actuator.start();
        keeper.start();
    }

    @Override
    public void close() {
        keeper.close();
        actuator.close();
    }
}
