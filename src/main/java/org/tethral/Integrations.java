package org.tethral;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tethral.bridge.Bridge;
import org.tethral.http.Networks.Standing;
import org.tethral.lorawan.Integration;
import org.tethral.lorawan.Lorawan;

/// All ways to the systems of others, as the API tells of them.
record Integrations(Config config, Lorawan lorawan, @Nullable Bridge bridge) {

    List<Standing> standings() {
        var all = new ArrayList<Standing>();
        lorawan.integrations().forEach(view -> all.add(standing(view)));
        if (bridge != null) {
            var view = bridge.view();
            all.add(
                    new Standing(
                            "bridge",
                            "mqtt",
                            bridgeSettings(),
                            view.problem(),
                            view.lastMessageAt(),
                            view.lastError(),
                            view.lastErrorAt(),
                            view.counts()));
        }
        return all;
    }

    private Standing standing(Integration.View view) {
        var counts = new LinkedHashMap<String, Long>();
        view.counts().forEach((count, number) -> counts.put(count.word(), number));
        var name = view.name();
        var end = name.indexOf('-');
        return new Standing(
                name,
                end < 0 ? name : name.substring(0, end),
                settings(name),
                view.problem(),
                view.lastEventAt(),
                view.lastError(),
                view.lastErrorAt(),
                counts);
    }

    private Map<String, String> settings(String name) {
        var settings = new LinkedHashMap<String, String>();
        var lorawan = config.lorawan();
        var broker = lorawan.chirpStack();
        var api = lorawan.chirpStackApi();
        var things = lorawan.thingsStack();
        var thingsBroker = lorawan.thingsStackBroker();
        if (name.equals("chirpstack-mqtt") && broker != null) {
            settings.put("broker", broker.broker().toString());
            settings.put("group", broker.group());
        } else if (name.equals("chirpstack-grpc") && api != null) {
            settings.put("server", api.server().toString());
        } else if (name.equals("tts-webhook") && things != null) {
            settings.put("server", things.server().toString());
            settings.put("webhook", things.webhook());
        } else if (name.equals("tts-mqtt") && thingsBroker != null) {
            settings.put("broker", thingsBroker.broker().toString());
        } else if (name.equals("chirpstack-http")) {
            settings.put("address", "/integrations/chirpstack");
        } else if (name.equals("tts-http")) {
            settings.put("address", "/integrations/tts");
        }
        return settings;
    }

    private Map<String, String> bridgeSettings() {
        var settings = new LinkedHashMap<String, String>();
        var broker = config.outsideBroker();
        if (broker != null) {
            settings.put("broker", broker.address().toString());
            settings.put("topics", String.join(", ", broker.filters()));
            settings.put("group", broker.group());
        }
        return settings;
    }
}
