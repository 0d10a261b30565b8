package org.tethral;

import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import org.tethral.cli.Failure;
import org.tethral.cli.Setting;
import org.tethral.ingest.Ingest;
import org.tethral.ingest.Inlet;
import org.tethral.ingest.Protocols;

/// The protocols that jars of others bring, as they are set up, wired.
final class OtherProtocols {

    static final Setting SETTING =
            new Setting(
                    "protocols",
                    "LIST",
                    null,
                    "protocols that jars in extensions/ bring, NAME=PORT with commas between them");

    private static final int PORT_MAX = 65_535;

    private OtherProtocols() {}

    /// @throws Failure names the setting
    static Protocols of(
            Config config,
            Ingest ingest,
            Entrance entrance,
            Commands commands,
            InstantSource clock) {
        try {
            return new Protocols(
                    wanted(config),
                    name ->
                            new Inlet(
                                    name,
                                    ingest,
                                    entrance.login()::token,
                                    commands.dispatcher(),
                                    clock));
        } catch (IllegalArgumentException e) {
            throw Failure.misused("protocols: " + e.getMessage());
        }
    }

    private static Map<String, InetSocketAddress> wanted(Config config) {
        var wanted = new LinkedHashMap<String, InetSocketAddress>();
        for (var one : config.inForce()) {
            if (one.setting().equals(SETTING) && one.value() != null) {
                for (var pair : one.value().split(",", -1)) {
                    add(wanted, config.bind(), pair.strip());
                }
            }
        }
        return wanted;
    }

    private static void add(Map<String, InetSocketAddress> wanted, String host, String pair) {
        var equals = pair.indexOf('=');
        try {
            var port = Integer.parseInt(pair.substring(equals + 1).strip());
            if (equals > 0 && port >= 0 && port <= PORT_MAX) {
                wanted.put(pair.substring(0, equals).strip(), new InetSocketAddress(host, port));
                return;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw Failure.misused("protocols = '" + pair + "' is not NAME=PORT");
    }
}
