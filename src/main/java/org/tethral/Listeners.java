package org.tethral;

import java.util.ArrayList;
import java.util.List;
import org.tethral.coap.CoapEdge;
import org.tethral.http.Endpoint;
import org.tethral.http.HttpEdge;
import org.tethral.ingest.Protocols;
import org.tethral.mqtt.MqttEdge;

/// Where the program listens, in the order in which it says so.
final class Listeners {

    private Listeners() {}

    /// Those that are open; ports that were asked for as 0 are the ones that were taken.
    static List<Endpoint> of(HttpEdge http, MqttEdge mqtt, CoapEdge coap, Protocols protocols) {
        var all = new ArrayList<Endpoint>();
        all.add(new Endpoint("http", "http://", http.port(), ""));
        all.add(new Endpoint("https", "https://", http.tlsPort(), ""));
        all.add(new Endpoint("mqtt", "", mqtt.port(), ""));
        all.add(new Endpoint("mqtts", "", mqtt.tlsPort(), ""));
        all.add(new Endpoint("mqtt-websocket", "ws://", mqtt.webSocketPort(), "/mqtt"));
        all.add(new Endpoint("coap", "", coap.port(), ""));
        all.add(new Endpoint("coaps", "", coap.dtlsPort(), ""));
        protocols.ports().forEach((name, port) -> all.add(new Endpoint(name, "", port, "")));
        all.removeIf(endpoint -> endpoint.port() < 0);
        return List.copyOf(all);
    }
}
