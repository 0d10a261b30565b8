package org.tethral;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tethral.bridge.Bridge;
import org.tethral.coap.CoapEdge;
import org.tethral.http.HttpEdge;
import org.tethral.ingest.Protocols;
import org.tethral.sql.Database;

/// What `/health` shows, beside ingest.
final class Components {

    private Components() {}

    static List<HttpEdge.Component> of(
            Database database,
            CoapEdge coap,
            @Nullable Bridge bridge,
            Fetching fetching,
            Networking networks,
            Protocols protocols) {
        var components = new ArrayList<HttpEdge.Component>();
        components.add(new HttpEdge.Component("database", true, () -> problemOf(database)));
        components.add(new HttpEdge.Component("coap", true, coap::problem));
        if (bridge != null) {
            components.add(new HttpEdge.Component("bridge", false, bridge::problem));
        }
        components.add(new HttpEdge.Component("thingspeak", false, fetching.polling()::problem));
        components.add(new HttpEdge.Component("lorawan", false, networks.lorawan()::problem));
        for (var name : protocols.problems().keySet()) {
            components.add(
                    new HttpEdge.Component(
                            "protocol-" + name,
                            false,
                            () -> protocols.problems().getOrDefault(name, Optional.empty())));
        }
        return components;
    }

    private static Optional<String> problemOf(Database database) {
        try {
            database.check();
            return Optional.empty();
        } catch (RuntimeException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }
}
