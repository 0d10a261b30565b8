package org.tethral;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import java.util.Locale;
import java.util.function.ToIntFunction;
import org.tethral.dashboard.Cached;
import org.tethral.dashboard.Dashboard;
import org.tethral.http.HttpEdge;
import org.tethral.ingest.Ingest;
import org.tethral.sql.Database;

/// What `/metrics` shows of parts that do not measure themselves, and of the process.
/// `docs/metrics.md` names all of it.
final class Measures implements AutoCloseable {

    private final JvmGcMetrics collector = new JvmGcMetrics();

    private Measures() {}

    static Measures of(
            MeterRegistry meters,
            Database database,
            Ingest ingest,
            HttpEdge http,
            Dashboard dashboard) {
        connections(meters, database, "lent", Database.Connections::lent);
        connections(meters, database, "idle", Database.Connections::idle);
        connections(meters, database, "wanted", Database.Connections::wanted);
        Gauge.builder("tethral.ingest.trouble", ingest, one -> one.health().ok() ? 0 : 1)
                .description("1 while the database takes no commits")
                .register(meters);
        Gauge.builder("tethral.http.requests.running", http, HttpEdge::requestsUnderWay)
                .description("requests of the API that are being answered")
                .register(meters);
        Gauge.builder("tethral.http.streams", http, HttpEdge::streamsOpen)
                .description("live streams over HTTP that are open")
                .register(meters);
        for (var source : Cached.Source.values()) {
            FunctionCounter.builder(
                            "tethral.dashboard.answers", dashboard, one -> one.given(source))
                    .description("answers of the dashboard, by where they came from")
                    .tag("cache", source.name().toLowerCase(Locale.ROOT))
                    .register(meters);
        }
        var measures = new Measures();
        measures.process(meters);
        return measures;
    }

    private static void connections(
            MeterRegistry meters,
            Database database,
            String state,
            ToIntFunction<Database.Connections> count) {
        Gauge.builder(
                        "tethral.database.connections",
                        database,
                        one -> count.applyAsInt(one.connections()))
                .description("connections to the database, and who waits for one")
                .tag("state", state)
                .register(meters);
    }

    private void process(MeterRegistry meters) {
        new JvmMemoryMetrics().bindTo(meters);
        new JvmThreadMetrics().bindTo(meters);
        new ProcessorMetrics().bindTo(meters);
        new UptimeMetrics().bindTo(meters);
        new FileDescriptorMetrics().bindTo(meters);
        collector.bindTo(meters);
    }

    @Override
    public void close() {
        collector.close();
    }
}
