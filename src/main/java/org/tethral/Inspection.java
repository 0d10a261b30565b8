package org.tethral;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Measurement;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.tethral.broker.MessageQueue;
import org.tethral.http.HttpEdge;
import org.tethral.http.Machinery;
import org.tethral.http.Machinery.Load;
import org.tethral.ingest.Ingest;
import org.tethral.mqttclient.BrokerLink;
import org.tethral.polling.Polling;
import org.tethral.sql.Database;
import org.tethral.sql.SqlInspection;

/// The program's own figures: what its meters know already, and what its database says of itself.
final class Inspection {

    /// Counters that people look at first, under the names by which the API tells of them.
    private static final Map<String, String> COUNTS = counts();

    private final MeterRegistry meters;
    private final Database database;
    private final SqlInspection inspection;
    private final String engine;
    private final String node;
    private final InstantSource clock;
    private final Instant startedAt;

    private Inspection(MeterRegistry meters, Database database, String node, InstantSource clock) {
        this.meters = meters;
        this.database = database;
        this.inspection = new SqlInspection(database);
        this.engine = database.describe();
        this.node = node;
        this.clock = clock;
        this.startedAt = clock.instant();
    }

    static Machinery of(
            MeterRegistry meters,
            Database database,
            Backups backups,
            String node,
            InstantSource clock) {
        var inspection = new Inspection(meters, database, node, clock);
        return new Machinery(() -> inspection.look(backups), backups::begin);
    }

    private static Map<String, String> counts() {
        var counts = new LinkedHashMap<String, String>();
        counts.put("messages_stored", "tethral.ingest.messages");
        counts.put("messages_refused", "tethral.ingest.refused");
        counts.put("messages_turned_away", "tethral.ingest.turned.away");
        counts.put("mqtt_dropped", "tethral.mqtt.dropped");
        counts.put("mqtt_untold", "tethral.mqtt.untold");
        counts.put("events_delivered", "tethral.events.delivered");
        counts.put("events_dead", "tethral.events.dead");
        counts.put("commands_sent", "tethral.commands.sent");
        counts.put("rows_removed_for_age", "tethral.retention.removed");
        return counts;
    }

    private Machinery.View look(Backups backups) {
        var found = inspection.look();
        var counts = new LinkedHashMap<String, Long>();
        COUNTS.forEach((name, meter) -> counts.put(name, (long) sum(meter)));
        for (var source : List.of("hit", "miss", "stale")) {
            counts.put(
                    "dashboard_" + source,
                    (long) sum("tethral.dashboard.answers", "cache", source));
        }
        return new Machinery.View(
                new Machinery.About(
                        Launch.programVersion(),
                        node,
                        startedAt,
                        clock.instant(),
                        Runtime.version().toString(),
                        Runtime.getRuntime().availableProcessors(),
                        Math.max(0, sum("process.cpu.usage"))),
                new Machinery.Store(engine, found.schema(), found.bytes(), lastCommit()),
                loads(),
                List.of(new Machinery.Breaker("thingspeak", circuits())),
                counts,
                found.nodes().stream()
                        .map(one -> new Machinery.Node(one.name(), one.startedAt(), one.beatAt()))
                        .toList(),
                backups.view());
    }

    private @Nullable Instant lastCommit() {
        var newest =
                meters.find("tethral.ingest.committed").gauges().stream()
                        .mapToDouble(Gauge::value)
                        .max()
                        .orElse(0);
        return newest > 0 ? Instant.ofEpochSecond((long) newest) : null;
    }

    private List<Load> loads() {
        var loads = new ArrayList<Load>();
        for (var lane : meters.find("tethral.ingest.queue").gauges()) {
            var name = "ingest lane " + lane.getId().getTag("lane");
            loads.add(new Load(name, "messages", lane.value(), Ingest.WAITING_MAX));
        }
        var connections = database.connections();
        loads.add(
                new Load(
                        "database connections",
                        "connections",
                        connections.lent(),
                        connections.most()));
        loads.add(
                load(
                        "API requests",
                        "requests",
                        "tethral.http.requests.running",
                        HttpEdge.REQUESTS_MAX));
        loads.add(load("live streams", "streams", "tethral.http.streams", HttpEdge.STREAMS_MAX));
        loads.add(
                load(
                        "longest queue of an MQTT client",
                        "messages",
                        "tethral.mqtt.queue.longest",
                        MessageQueue.MESSAGES_MAX));
        loads.add(
                load(
                        "calls to sources",
                        "calls",
                        "tethral.sources.calls.running",
                        Polling.CALLS_MAX));
        if (meters.find("tethral.bridge.unanswered").meter() != null) {
            loads.add(
                    load(
                            "outside broker",
                            "messages",
                            "tethral.bridge.unanswered",
                            BrokerLink.UNANSWERED_MAX));
        }
        var heap = Runtime.getRuntime();
        loads.add(
                new Load(
                        "memory of the heap",
                        "bytes",
                        heap.totalMemory() - heap.freeMemory(),
                        heap.maxMemory()));
        loads.add(
                new Load(
                        "open files",
                        "files",
                        Math.max(0, sum("process.files.open")),
                        Math.max(0, sum("process.files.max"))));
        return loads;
    }

    private Load load(String name, String unit, String gauge, int capacity) {
        return new Load(name, unit, sum(gauge), capacity);
    }

    private Map<String, Long> circuits() {
        var circuits = new LinkedHashMap<String, Long>();
        for (var gauge : meters.find("tethral.sources.channels").gauges()) {
            circuits.put(String.valueOf(gauge.getId().getTag("circuit")), (long) gauge.value());
        }
        return circuits;
    }

    /// Of all meters of that name, whatever their tags; of those that are not there, 0.
    private double sum(String name, String... tags) {
        return meters.find(name).tags(tags).meters().stream()
                .mapToDouble(Inspection::value)
                .filter(Double::isFinite)
                .sum();
    }

    private static double value(Meter meter) {
        return StreamSupport.stream(meter.measure().spliterator(), false)
                .mapToDouble(Measurement::getValue)
                .findFirst()
                .orElse(0);
    }
}
