package org.tethral.delivery;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Names of receivers to addresses, and whether those may be reached. A look-up blocks its thread
/// for as long as the name server likes, so each has one of its own, and there is one at a time for
/// each name.
public final class Resolver {

    private static final Duration WAIT_MAX = Duration.ofSeconds(5);

    /// Names that are looked up at the same time.
    static final int LOOKUPS_MAX = 64;

    /// The address that a name leads to is not for everybody.
    public static final class PrivateTarget extends Exception {
        private static final long serialVersionUID = 1L;

        PrivateTarget(String host, InetAddress address) {
            super(
                    host
                            + " is the private address "
                            + address.getHostAddress()
                            + "; the setting private-targets would allow it");
        }
    }

    @FunctionalInterface
    public interface Names {
        InetAddress[] of(String host) throws UnknownHostException;
    }

    private final Names names;
    private final Map<String, CompletableFuture<List<InetAddress>>> underWay =
            new ConcurrentHashMap<>();

    public Resolver(Names names) {
        this.names = names;
    }

    /// The first of the addresses of a host, which may be an address itself; none if any of them is
    /// private: who asks again gets another.
    ///
    /// @throws UnknownHostException says why there is none
    public InetAddress address(String host, boolean privateTargets)
            throws UnknownHostException, InterruptedException, PrivateTarget {
        var addresses = resolve(host);
        if (!privateTargets) {
            for (var address : addresses) {
                if (!Addresses.isPublic(address)) {
                    throw new PrivateTarget(host, address);
                }
            }
        }
        return addresses.getFirst();
    }

    private List<InetAddress> resolve(String host)
            throws UnknownHostException, InterruptedException {
        if (!underWay.containsKey(host) && underWay.size() >= LOOKUPS_MAX) {
            throw new UnknownHostException("too many names are being looked up");
        }
        var found = underWay.computeIfAbsent(host, this::start);
        try {
            return found.get(WAIT_MAX.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw unknown(host, "the name is not known");
        } catch (TimeoutException e) {
            throw unknown(host, "no answer from the name server");
        }
    }

    private CompletableFuture<List<InetAddress>> start(String host) {
        var found = new CompletableFuture<List<InetAddress>>();
        Thread.ofPlatform()
                .daemon()
                .name("resolve-" + host)
                .start(() -> {
                    try {
                        found.complete(List.of(names.of(host)));
                    } catch (UnknownHostException | RuntimeException e) {
                        found.completeExceptionally(e);
                    } finally {
                        underWay.remove(host);
                    }
                });
        return found;
    }

    private static UnknownHostException unknown(String host, String why) {
        return new UnknownHostException("cannot resolve " + host + ": " + why);
    }
}
