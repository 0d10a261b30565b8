package org.tethral.http;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.InstantSource;
import java.util.random.RandomGenerator;
import org.tethral.command.CommandStore;
import org.tethral.command.DispatchQueue;
import org.tethral.command.Doorbell;
import org.tethral.command.Nodes;
import org.tethral.command.SentNumbers;
import org.tethral.command.Switchboard;
import org.tethral.device.DeviceStore;
import org.tethral.dispatch.Dispatcher;
import org.tethral.dispatch.Ends;
import org.tethral.dispatch.Issuing;
import org.tethral.dispatch.Rounds;
import org.tethral.dispatch.Tally;
import org.tethral.dispatch.Traffic;
import org.tethral.ingest.Ingest;
import org.tethral.sql.Database;
import org.tethral.sql.SqlCommandStore;
import org.tethral.sql.SqlDeviceStore;
import org.tethral.sql.SqlDispatchQueue;
import org.tethral.sql.SqlNodes;

/// What carries commands, for a server under test.
record CommandParts(HttpEdge.Commands parts, Dispatcher dispatcher, Rounds rounds)
        implements AutoCloseable {

    static CommandParts of(
            Database database, Ingest ingest, InstantSource clock, RandomGenerator random) {
        var parts =
                of(
                        new SqlCommandStore(database),
                        new SqlDispatchQueue(database),
                        new SqlNodes(database),
                        new SqlDeviceStore(database),
                        ingest,
                        clock,
                        random);
        parts.rounds().start();
        parts.dispatcher().start();
        return parts;
    }

    /// Not started.
    static CommandParts of(
            CommandStore store,
            DispatchQueue queue,
            Nodes nodes,
            DeviceStore devices,
            Ingest ingest,
            InstantSource clock,
            RandomGenerator random) {
        var meters = new SimpleMeterRegistry();
        var tally = new Tally(meters);
        var dispatcher = new Dispatcher(ingest, queue, "test", clock, tally);
        var rounds = new Rounds(ingest, dispatcher, queue, nodes, "test", clock, Rounds.DEAD_AFTER);
        var issuing =
                new Issuing(
                        ingest,
                        store,
                        devices,
                        dispatcher,
                        rounds,
                        Doorbell.NONE,
                        "test",
                        clock,
                        random);
        return new CommandParts(
                new HttpEdge.Commands(
                        store,
                        issuing,
                        new Ends(ingest, "test", Doorbell.NONE),
                        tally,
                        new Traffic(meters),
                        dispatcher,
                        new SentNumbers(store)),
                dispatcher,
                rounds);
    }

    HttpEdge.Commands with(Switchboard other) {
        return new HttpEdge.Commands(
                parts.store(),
                parts.issuing(),
                parts.ends(),
                parts.tally(),
                parts.traffic(),
                other,
                parts.numbers());
    }

    @Override
    public void close() {
        dispatcher.close();
        rounds.close();
    }
}
