package org.tethral;

import java.time.Duration;
import java.util.Locale;

/// What `serve` prints when it is ready: its listeners, in order, the database, and the time that
/// it took.
final class ReadyLine {

    private final StringBuilder line = new StringBuilder("ready");
    private final String host;

    ReadyLine(String host) {
        this.host = host;
    }

    /// @param port -1: there is no such listener, and nothing is said of it
    ReadyLine listener(String name, String scheme, int port, String path) {
        if (port >= 0) {
            line.append(' ')
                    .append(name)
                    .append('=')
                    .append(scheme)
                    .append(address(host, port))
                    .append(path);
        }
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
