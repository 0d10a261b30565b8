package org.tethral.kafka;

import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.tethral.delivery.Resolver;

/// Which brokers may be talked to: those at public addresses. Kafka's client looks names up and
/// connects by itself, so what can be done is to look at each name shortly before something is
/// handed over. Thread-safe.
final class Brokers {

    /// A name that was looked at is not looked at again for so long. The Java runtime remembers the
    /// addresses of a name for 30 s, for Kafka's client too.
    private static final Duration TRUSTED_FOR = Duration.ofSeconds(10);

    static final int REMEMBERED_MAX = 1_000;

    private final Resolver resolver;
    private final Map<String, Long> lookedAtNanos = new ConcurrentHashMap<>();

    Brokers(Resolver resolver) {
        this.resolver = resolver;
    }

    /// The hosts of `host:port, …`; IPv6 addresses are in brackets there.
    static List<String> hosts(String servers) {
        return Arrays.stream(servers.split(",", -1))
                .map(String::strip)
                .map(server -> server.substring(0, Math.max(server.lastIndexOf(':'), 0)))
                .map(host -> host.replace("[", "").replace("]", ""))
                .toList();
    }

    /// @throws Resolver.PrivateTarget one of them may not be talked to
    /// @throws UnknownHostException nobody knows where one of them is
    void check(List<String> hosts)
            throws UnknownHostException, InterruptedException, Resolver.PrivateTarget {
        for (var host : hosts) {
            check(host);
        }
    }

    private void check(String host)
            throws UnknownHostException, InterruptedException, Resolver.PrivateTarget {
        var now = System.nanoTime();
        var before = lookedAtNanos.get(host);
        if (before != null && now - before < TRUSTED_FOR.toNanos()) {
            return;
        }
        var _ = resolver.address(host, false);
        if (lookedAtNanos.size() >= REMEMBERED_MAX) {
            lookedAtNanos.clear();
        }
        lookedAtNanos.put(host, now);
    }
}
