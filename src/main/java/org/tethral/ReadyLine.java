package org.tethral;

import java.time.Duration;
import java.util.Locale;
import org.tethral.http.Endpoint;

/// What `serve` prints when it is ready: its listeners, in order, the database, and the time that
/// it took.
final class ReadyLine {

    private final StringBuilder line = new StringBuilder("ready");
    private final String host;

    ReadyLine(String host) {
        this.host = host;
    }

    ReadyLine listener(Endpoint endpoint) {
        line.append(' ')
                .append(endpoint.name())
                .append('=')
                .append(endpoint.scheme())
                .append(address(host, endpoint.port()))
                .append(endpoint.path());
        return this;
    }

    String of(String database, Duration startedIn) {
        return line + " database=" + database + seconds(startedIn);
    }

    private static String seconds(Duration startedIn) {
        return String.format(Locale.ROOT, " in %.1f s", startedIn.toMillis() / 1_000.0);
    }

    static String address(String host, int port) {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
