package org.tethral.mqttclient;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.tethral.kernel.Secret;

/// Where an MQTT broker is, and who we are there: `mqtt://user:password@host:1883`, with TLS
/// `mqtts://…`. Without a port it is 1883 or 8883.
public record BrokerAddress(
        String host, int port, boolean tls, @Nullable String user, @Nullable Secret password) {

    private static final int PORT = 1883;
    private static final int TLS_PORT = 8883;

    /// @throws IllegalArgumentException says what is wrong, without repeating the password
    public static BrokerAddress parse(String url) {
        URI uri;
        try {
            uri = new URI(url);
        } catch (java.net.URISyntaxException e) {
            throw new IllegalArgumentException("mqtt://HOST:PORT is expected", e);
        }
        var tls = "mqtts".equals(uri.getScheme());
        var path = uri.getPath();
        if (!tls && !"mqtt".equals(uri.getScheme())
                || uri.getHost() == null
                || path != null && !path.isEmpty() && !path.equals("/")) {
            throw new IllegalArgumentException("mqtt://HOST:PORT or mqtts://HOST:PORT is expected");
        }
        var port = uri.getPort() < 0 ? tls ? TLS_PORT : PORT : uri.getPort();
        var login = uri.getRawUserInfo();
        if (login == null) {
            return new BrokerAddress(uri.getHost(), port, tls, null, null);
        }
        var colon = login.indexOf(':');
        return new BrokerAddress(
                uri.getHost(),
                port,
                tls,
                decoded(colon < 0 ? login : login.substring(0, colon)),
                colon < 0 || colon == login.length() - 1
                        ? null
                        : new Secret(decoded(login.substring(colon + 1))));
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return (tls ? "mqtts://" : "mqtt://") + host + ":" + port;
    }
}
