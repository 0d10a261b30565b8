package org.tethral;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import java.util.function.Supplier;
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
            RandomGenerator random,
            MeterRegistry meters) {
        var turns = new SpaceTurns(kept.database(), random);
        var displays = new DisplayCommands(commands.issuing(), commands.store(), clock);
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
        gauge(
                meters,
                "tethral.spaces.sightings",
                "what sensors said, to be looked at",
                keeper::waiting);
        gauge(
                meters,
                "tethral.spaces.queued",
                "changes that wait to be sent to displays",
                actuator::queued);
        gauge(
                meters,
                "tethral.spaces.in.flight",
                "downlinks that networks have not taken yet",
                actuator::onTheirWay);
        gauge(
                meters,
                "tethral.spaces.news",
                "news of downlinks that are not written yet",
                actuator::unwritten);
        return new Placing(turns, keeper, actuator);
    }

    private static void gauge(
            MeterRegistry meters, String name, String description, Supplier<Number> count) {
        Gauge.builder(name, count).description(description).register(meters);
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
