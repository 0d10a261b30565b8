package org.tethral.polling;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.event.Lookout;
import org.tethral.ingest.Ingest;
import org.tethral.kernel.StorageException;
import org.tethral.source.ChannelKeys;
import org.tethral.source.ChannelStore;
import org.tethral.source.Circuit;
import org.tethral.source.SourceKinds;

/// Reads channels of sources: one reader for each enabled channel that this node holds. A node that
/// dies loses its leases, and others take over within seconds. Should two read the same for a
/// moment, each entry is still stored once.
public final class Polling implements AutoCloseable {

    static final Duration CLAIM_EVERY = Duration.ofSeconds(1);

    /// Calls to sources at a time, at most.
    public static final int CALLS_MAX = Calls.RUNNING_MAX;

    private static final Duration CLOSE_WAIT_MAX = Duration.ofSeconds(5);
    private static final Logger LOG = LoggerFactory.getLogger(Polling.class);

    /// What all readers work with.
    record Shared(
            ChannelStore store,
            ChannelKeys keys,
            SourceKinds kinds,
            Ingest ingest,
            Calls calls,
            Accounts accounts,
            Terms terms,
            PollingMeters meters,
            InstantSource clock,
            RandomGenerator random) {}

    private final ChannelStore store;
    private final SourceKinds kinds;
    private final String node;
    private final Shared shared;
    private final Map<UUID, Reader> readers = new ConcurrentHashMap<>();
    private final Lookout lookout = new Lookout("polling", CLAIM_EVERY, this::claim, _ -> {});

    /// @param node the name of this process among those that share the database
    public Polling(
            ChannelStore store,
            ChannelKeys keys,
            SourceKinds kinds,
            Ingest ingest,
            Terms terms,
            String node,
            InstantSource clock,
            RandomGenerator random,
            MeterRegistry registry) {
        this.store = store;
        this.kinds = kinds;
        this.node = node;
        var meters = new PollingMeters(registry);
        this.shared =
                new Shared(
                        store,
                        keys,
                        kinds,
                        ingest,
                        new Calls(meters),
                        new Accounts(terms.callsPerMinute(), clock),
                        terms,
                        meters,
                        clock,
                        random);
        for (var state : Circuit.State.values()) {
            meters.circuits(this, polling -> polling.count(state), state);
        }
    }

    private long count(Circuit.State state) {
        return readers.values().stream().filter(reader -> reader.circuit() == state).count();
    }

    public void start() {
        lookout.start();
    }

    /// Somebody changed a channel: looks at once.
    public void changed() {
        lookout.ring();
    }

    /// What `/health` says of it: empty when every enabled channel can be read.
    public Optional<String> problem() {
        var trouble = store.trouble();
        return trouble.failing() == 0
                ? Optional.empty()
                : Optional.of(
                        trouble.failing()
                                + " of "
                                + trouble.enabled()
                                + " channels cannot be read; "
                                + trouble.reason());
    }

    private boolean claim() {
        readers.values().removeIf(Reader::ended);
        var claimed = new HashMap<UUID, ChannelStore.Held>();
        for (var held : store.claim(node, fences())) {
            claimed.put(held.channel(), held);
        }
        for (var reader : List.copyOf(readers.values())) {
            if (!reader.held().equals(claimed.get(reader.held().channel()))) {
                reader.stop();
                readers.remove(reader.held().channel());
            }
        }
        for (var held : claimed.values()) {
            if (!lookout.isOver() && !readers.containsKey(held.channel())) {
                var reader = new Reader(held, shared);
                readers.put(held.channel(), reader);
                reader.start();
            }
        }
        return false;
    }

    private Map<UUID, Long> fences() {
        var fences = new HashMap<UUID, Long>();
        readers.forEach((channel, reader) -> fences.put(channel, reader.held().fence()));
        return fences;
    }

    /// What this node reads.
    Set<UUID> reading() {
        return Set.copyOf(readers.keySet());
    }

    /// Ends as a process does that is killed: leases are neither renewed nor given back.
    void abandon() {
        lookout.end();
        readers.values().forEach(Reader::stop);
    }

    /// Breaks off calls, and lets other nodes take over at once. What was handed to ingest is
    /// stored with how far it was read.
    @Override
    public void close() {
        lookout.close();
        try {
            readers.values().forEach(Reader::stop);
            var end = System.nanoTime() + CLOSE_WAIT_MAX.toNanos();
            for (var reader : readers.values()) {
                reader.join(Duration.ofNanos(Math.max(1, end - System.nanoTime())));
            }
            store.release(node, fences());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (StorageException e) {
            LOG.atDebug().addKeyValue("reason", e.getMessage()).log("leases end by themselves");
        } finally {
            kinds.close();
        }
    }
}
