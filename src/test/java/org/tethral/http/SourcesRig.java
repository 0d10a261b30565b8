package org.tethral.http;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.InstantSource;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.tethral.ingest.Ingest;
import org.tethral.kernel.Vault;
import org.tethral.polling.Polling;
import org.tethral.polling.Terms;
import org.tethral.source.ChannelKeys;
import org.tethral.source.ChannelStore;
import org.tethral.source.SourceKind;
import org.tethral.source.SourceKinds;
import org.tethral.sql.Database;
import org.tethral.sql.SqlChannelStore;
import org.tethral.thingspeak.FakeThingSpeak;

/// What is read from elsewhere, running, as the program wires it.
final class SourcesRig implements AutoCloseable {

    final FakeThingSpeak upstream = new FakeThingSpeak();
    final HttpEdge.Sources sources;
    private final Polling polling;

    SourcesRig(
            Database database,
            Ingest ingest,
            Vault vault,
            InstantSource clock,
            RandomGenerator random) {
        var store = new SqlChannelStore(database);
        var keys = new ChannelKeys(vault);
        var kinds =
                new SourceKinds(
                        new SourceKind.Surroundings(clock, Map.of("thingspeak", upstream.uri())));
        polling =
                new Polling(
                        store,
                        keys,
                        kinds,
                        ingest,
                        Terms.of(() -> 6_000),
                        "test",
                        clock,
                        random,
                        new SimpleMeterRegistry());
        sources = new HttpEdge.Sources(store, kinds, keys, polling::changed);
        polling.start();
    }

    /// For servers that read nothing.
    static HttpEdge.Sources none(InstantSource clock) {
        return new HttpEdge.Sources(
                ChannelServer.missing(ChannelStore.class),
                new SourceKinds(new SourceKind.Surroundings(clock, Map.of())),
                new ChannelKeys(new Vault(new byte[Vault.KEY_BYTES], new java.util.Random())),
                () -> {});
    }

    @Override
    public void close() {
        polling.close();
        upstream.close();
    }
}
