package org.tethral;

import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.tethral.bridge.Bridge;
import org.tethral.bridge.BrokerAddress;
import org.tethral.ingest.Ingest;

/// The broker of others on which to subscribe, as it is configured.
///
/// @param authority who signs its certificate; null: who this machine trusts
/// @param filters beside our own topics and those of the topic maps
record OutsideBroker(
        BrokerAddress address, @Nullable Path authority, String group, List<String> filters) {

    OutsideBroker {
        filters = List.copyOf(filters);
    }

    /// Null: none is configured.
    static @Nullable Bridge bridge(
            Config config,
            String node,
            Ingest ingest,
            Entrance entrance,
            MeterRegistry meters,
            InstantSource clock,
            RandomGenerator random) {
        var broker = config.outsideBroker();
        return broker == null
                ? null
                : new Bridge(
                        new Bridge.Settings(
                                broker.address(),
                                broker.authority(),
                                broker.group(),
                                broker.filters(),
                                config.topicMaps(),
                                config.messageBytesMax(),
                                node),
                        new Bridge.Parts(
                                ingest,
                                entrance.admission(),
                                entrance.rejections(),
                                entrance.evictions(),
                                meters,
                                clock,
                                random));
    }
}
