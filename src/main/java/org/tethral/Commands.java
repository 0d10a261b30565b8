package org.tethral;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import java.util.random.RandomGenerator;
import org.tethral.command.CommandStore;
import org.tethral.command.Doorbell;
import org.tethral.command.SentNumbers;
import org.tethral.dispatch.Dispatcher;
import org.tethral.dispatch.Ends;
import org.tethral.dispatch.Issuing;
import org.tethral.dispatch.Rounds;
import org.tethral.dispatch.Rung;
import org.tethral.dispatch.Tally;
import org.tethral.dispatch.Traffic;
import org.tethral.http.HttpEdge;
import org.tethral.ingest.Ingest;
import org.tethral.sql.DatabaseUrl;
import org.tethral.sql.SqlCommandStore;
import org.tethral.sql.SqlDispatchQueue;
import org.tethral.sql.SqlDoorbell;
import org.tethral.sql.SqlNodes;

/// All that carries commands, wired.
record Commands(
        CommandStore store,
        Issuing issuing,
        Dispatcher dispatcher,
        Ends ends,
        Tally tally,
        Traffic traffic,
        Rounds rounds,
        Doorbell doorbell,
        SentNumbers numbers)
        implements AutoCloseable {

    static Commands of(
            Config config,
            Tethral.Storage kept,
            Ingest ingest,
            String node,
            InstantSource clock,
            RandomGenerator random,
            MeterRegistry meters) {
        var store = new SqlCommandStore(kept.database());
        var queue = new SqlDispatchQueue(kept.database());
        var doorbell = SqlDoorbell.of(kept.database(), DatabaseUrl.parse(config.database()), node);
        var tally = new Tally(meters);
        var dispatcher = new Dispatcher(ingest, queue, node, clock, tally);
        var nodes = new SqlNodes(kept.database());
        var rounds = new Rounds(ingest, dispatcher, queue, nodes, node, clock, Rounds.DEAD_AFTER);
        var ends = new Ends(ingest, node, doorbell);
        var issuing =
                new Issuing(
                        ingest,
                        store,
                        kept.devices(),
                        dispatcher,
                        rounds,
                        doorbell,
                        node,
                        clock,
                        random);
        doorbell.answer(new Rung(store, dispatcher, ends)::answer);
        return new Commands(
                store,
                issuing,
                dispatcher,
                ends,
                tally,
                new Traffic(meters),
                rounds,
                doorbell,
                new SentNumbers(store));
    }

    HttpEdge.Commands forHttp() {
        return new HttpEdge.Commands(store, issuing, ends, tally, traffic, dispatcher, numbers);
    }

    /// When commits are taken, and before devices are let in.
    void start() {
        rounds.start();
        dispatcher.start();
        traffic.start();
    }

    @Override
    public void close() {
        traffic.close();
        dispatcher.close();
        rounds.close();
        doorbell.close();
    }
}
