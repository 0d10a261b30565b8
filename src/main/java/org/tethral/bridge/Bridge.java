package org.tethral.bridge;

import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.tethral.device.Admission;
import org.tethral.device.Evictions;
import org.tethral.device.Rejections;
import org.tethral.ingest.Ingest;
import org.tethral.mqttclient.BrokerAddress;
import org.tethral.mqttclient.BrokerLink;
import org.tethral.payload.TopicMaps;

/// Subscribes on an outside broker (MQTT 5) with shared subscriptions, so that the nodes of one
/// platform divide the messages among them, and acknowledges each message when it is durable.
///
/// To be closed before the pipeline that it feeds.
public final class Bridge implements AutoCloseable {

    /// @param authority who signs the broker's certificate, PEM; null: those that the machine
    ///   trusts
    /// @param group of the shared subscriptions: the same for all nodes of a platform
    /// @param filters what to subscribe to beside our own topics and those of the maps
    /// @param node also makes the client id, so that each node has its own session
    public record Settings(
            BrokerAddress broker,
            @Nullable Path authority,
            String group,
            List<String> filters,
            TopicMaps maps,
            int messageBytesMax,
            String node) {
        public Settings {
            filters = List.copyOf(filters);
        }

        /// What to subscribe to.
        private List<String> allFilters() {
            var all = new LinkedHashSet<>(Subject.OWN_FILTERS);
            all.addAll(maps.filters());
            all.addAll(filters);
            return all.stream().map(filter -> "$share/" + group + "/" + filter).toList();
        }
    }

    /// What the bridge works with.
    public record Parts(
            Ingest ingest,
            Admission admission,
            Rejections rejections,
            Evictions evictions,
            MeterRegistry meters,
            InstantSource clock,
            RandomGenerator random) {}

    /// How it fares.
    ///
    /// @param problem why no messages come at present; null: all is well
    /// @param lastError why the last message that was dropped was
    public record View(
            @Nullable String problem,
            @Nullable Instant lastMessageAt,
            @Nullable String lastError,
            @Nullable Instant lastErrorAt,
            Map<String, Long> counts) {}

    private final BrokerLink link;
    private final BridgeMeters meters;

    /// @throws IllegalArgumentException the authority's certificate cannot be used
    public Bridge(Settings settings, Parts parts) {
        this.meters = new BridgeMeters(parts.meters(), parts.clock());
        var inflow = new Inflow(settings, parts, meters);
        this.link =
                new BrokerLink(
                        new BrokerLink.Settings(
                                "bridge",
                                settings.broker(),
                                settings.authority(),
                                "tethral-" + settings.node(),
                                settings.allFilters(),
                                settings.messageBytesMax()),
                        inflow::take);
        parts.evictions().listen((device, _) -> inflow.forget(device));
    }

    /// Returns at once: a broker that is away is tried again until it answers.
    public void start() {
        link.start();
    }

    /// Why no messages come at present; empty when all is well.
    public Optional<String> problem() {
        return link.problem();
    }

    public View view() {
        return meters.view(problem().orElse(null));
    }

    /// Takes nothing more, waits some seconds until what was taken is acknowledged, and leaves. The
    /// session stays on the broker.
    @Override
    public void close() {
        link.close();
    }
}
