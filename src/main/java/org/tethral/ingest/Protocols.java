package org.tethral.ingest;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.kernel.Extensions;

/// The protocols of others that are to be spoken here. Each is opened and closed on a thread of its
/// own: one that throws or hangs is not there, and the rest is.
public final class Protocols implements AutoCloseable {

    /// How long the platform waits for all of them, to open and to close.
    static final Duration WAITED_FOR = Duration.ofSeconds(5);

    private static final Logger LOG = LoggerFactory.getLogger(Protocols.class);

    private final List<Spoken> spoken = new ArrayList<>();
    private final Duration patience;

    /// @param wanted where each is to listen, by its name
    /// @param inlets lends to the protocol of that name
    /// @throws IllegalArgumentException there is no protocol of such a name
    public Protocols(Map<String, InetSocketAddress> wanted, Function<String, Inlet> inlets) {
        this(wanted, inlets, WAITED_FOR);
    }

    Protocols(
            Map<String, InetSocketAddress> wanted,
            Function<String, Inlet> inlets,
            Duration patience) {
        this.patience = patience;
        if (wanted.isEmpty()) {
            return; // nothing is looked for
        }
        var kinds = found();
        wanted.forEach((name, address) -> {
            var kind = kinds.get(name);
            if (kind == null) {
                throw new IllegalArgumentException(
                        "no protocol '"
                                + name
                                + "': "
                                + (kinds.isEmpty()
                                        ? "no jar on the class path brings one"
                                        : "there are " + String.join(", ", kinds.keySet())));
            }
            spoken.add(new Spoken(name, kind, address, inlets.apply(name)));
        });
    }

    private static Map<String, ProtocolKind> found() {
        return new TreeMap<>(
                Extensions.load(
                        ProtocolKind.class,
                        ProtocolKind::name,
                        List.of(),
                        e -> LOG.atError().setCause(e).log("a protocol cannot be loaded")));
    }

    /// Opens all; returns when they are open, have failed, or have had their time.
    public void start() {
        inTime(spoken.stream().map(one -> one.thread("open", one::open)).toList());
    }

    /// The port of each that is open, by its name.
    public Map<String, Integer> ports() {
        var ports = new TreeMap<String, Integer>();
        spoken.forEach(one -> one.port().ifPresent(port -> ports.put(one.name, port)));
        return ports;
    }

    /// Why each that is wanted and not open is not, by its name.
    public Map<String, Optional<String>> problems() {
        var problems = new TreeMap<String, Optional<String>>();
        spoken.forEach(one -> problems.put(one.name, one.problem()));
        return problems;
    }

    private void inTime(List<Thread> threads) {
        threads.forEach(Thread::start);
        var end = System.nanoTime() + patience.toNanos();
        try {
            for (var thread : threads) {
                thread.join(Duration.ofNanos(Math.max(1, end - System.nanoTime())));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static final class Spoken {
        private final String name;
        private final ProtocolKind kind;
        private final InetSocketAddress address;
        private final Inlet inlet;
        private ProtocolKind.@Nullable Listener listener;
        private @Nullable Integer port;
        private @Nullable String problem = "is not open yet";
        private boolean closed;

        Spoken(String name, ProtocolKind kind, InetSocketAddress address, Inlet inlet) {
            this.name = name;
            this.kind = kind;
            this.address = address;
            this.inlet = inlet;
        }

        Thread thread(String act, Runnable work) {
            return Thread.ofPlatform()
                    .daemon()
                    .name("protocol-" + name + "-" + act)
                    .unstarted(work);
        }

        private void open() {
            try {
                var opened = kind.open(address, inlet);
                var openedAt = opened.port();
                if (!opened(opened, openedAt)) {
                    opened.close(); // too late
                }
            } catch (Exception | LinkageError e) {
                LOG.atError()
                        .addKeyValue("protocol", name)
                        .setCause(e)
                        .log("a protocol cannot be opened");
                failed("cannot be opened: " + e.getMessage());
            }
        }

        private synchronized boolean opened(ProtocolKind.Listener opened, int openedAt) {
            if (closed) {
                return false;
            }
            listener = opened;
            port = openedAt;
            problem = null;
            return true;
        }

        private synchronized void failed(String reason) {
            problem = reason;
        }

        synchronized Optional<Integer> port() {
            return Optional.ofNullable(port);
        }

        synchronized Optional<String> problem() {
            return Optional.ofNullable(problem);
        }

        private synchronized ProtocolKind.@Nullable Listener taken() {
            closed = true;
            return listener;
        }

        private void close() {
            var open = taken();
            try {
                if (open != null) {
                    open.close();
                }
            } catch (IOException | RuntimeException | LinkageError e) {
                LOG.atWarn()
                        .addKeyValue("protocol", name)
                        .setCause(e)
                        .log("a protocol did not end well");
            }
        }
    }

    @Override
    public void close() {
        inTime(spoken.stream().map(one -> one.thread("close", one::close)).toList());
        spoken.forEach(one -> one.inlet.close());
    }
}
