package org.tethral;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tethral.bridge.Bridge;
import org.tethral.bridge.BrokerAddress;

/// The broker of others on which to subscribe, as it is configured.
///
/// @param authority who signs its certificate; null: who this machine trusts
/// @param filters beside our own topics and those of the topic maps
record OutsideBroker(
        BrokerAddress address, @Nullable Path authority, String group, List<String> filters) {

    OutsideBroker {
        filters = List.copyOf(filters);
    }

    Bridge bridge(Config config, String node, Bridge.Parts parts) {
        return new Bridge(
                new Bridge.Settings(
                        address,
                        authority,
                        group,
                        filters,
                        config.topicMaps(),
                        config.messageBytesMax(),
                        node),
                parts);
    }
}
