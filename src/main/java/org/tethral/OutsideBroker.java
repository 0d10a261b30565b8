package org.tethral;

import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tethral.bridge.Bridge;
import org.tethral.ingest.Ingest;
import org.tethral.mqttclient.BrokerAddress;

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
    static @Nullable OutsideBroker of(SettingValues values) {
        if (!values.isSet("bridge")) {
            return null;
        }
        var filters = values.isSet("bridge-topics") ? values.text("bridge-topics") : "";
        return new OutsideBroker(
                address(values, "bridge"),
                values.file("bridge-ca"),
                group(values, "bridge-group"),
                Stream.of(filters.split(","))
                        .map(String::strip)
                        .filter(one -> !one.isEmpty())
                        .toList());
    }

    static BrokerAddress address(SettingValues values, String name) {
        try {
            return BrokerAddress.parse(values.text(name));
        } catch (IllegalArgumentException e) {
            throw values.wrong(name, "cannot be used: " + e.getMessage());
        }
    }

    static String group(SettingValues values, String name) {
        var group = values.text(name);
        if (!group.matches("[^/+#]+")) {
            throw values.wrong(name, "must not have any of / + #");
        }
        return group;
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
