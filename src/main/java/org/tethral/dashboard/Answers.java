package org.tethral.dashboard;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.kernel.StorageException;

/// Remembers answers for a moment, so that many who look at one dashboard cost no more than one.
/// Who asks for what is just being looked up waits for that. Where the look-up fails, the answer
/// before serves on for a while.
///
/// @param <K> what can be asked
final class Answers<K, V> {

    /// Those that were asked for longest ago are forgotten.
    static final int KEPT_MAX = 1_024;

    /// After a failure it is not tried again at once.
    static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);

    private static final Logger LOG = LoggerFactory.getLogger(Answers.class);

    /// @param failedAt since then the look-up fails; null: it succeeded
    private record Kept<V>(V value, Instant at, @Nullable Instant failedAt) {}

    private final Duration fresh;
    private final Duration usable;
    private final Function<K, V> lookUp;
    private final InstantSource clock;
    private final Map<K, Kept<V>> kept = new Recent<>();
    private final Map<K, CompletableFuture<Kept<V>>> underWay = new HashMap<>();

    private static final class Recent<K, V> extends LinkedHashMap<K, V> {
        private static final long serialVersionUID = 1L;

        Recent() {
            super(16, 0.75f, true);
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
            return size() > KEPT_MAX;
        }
    }

    /// @param fresh so long an answer serves without a look
    /// @param usable so old it may be where a look-up fails
    Answers(Duration fresh, Duration usable, Function<K, V> lookUp, InstantSource clock) {
        this.fresh = fresh;
        this.usable = usable;
        this.lookUp = lookUp;
        this.clock = clock;
    }

    /// @param anew an answer that is known already does not do
    /// @throws StorageException the look-up failed, and nothing usable is known
    Cached<V> get(K key, boolean anew) {
        var mine = new CompletableFuture<Kept<V>>();
        CompletableFuture<Kept<V>> others;
        synchronized (this) {
            var known = kept.get(key);
            var now = clock.instant();
            if (known != null && !anew && isWithin(known.at(), now, fresh)) {
                return new Cached<>(known.value(), Cached.Source.HIT, known.at());
            }
            if (known != null
                    && known.failedAt() != null
                    && isWithin(known.failedAt(), now, PAUSE_AFTER_FAILURE)
                    && isWithin(known.at(), now, usable)) {
                return new Cached<>(known.value(), Cached.Source.STALE, known.at());
            }
            others = underWay.putIfAbsent(key, mine);
        }
        if (others == null) {
            look(key, mine);
        }
        return result(key, others == null ? mine : others);
    }

    private void look(K key, CompletableFuture<Kept<V>> answer) {
        var now = clock.instant();
        try {
            var found = new Kept<V>(lookUp.apply(key), now, null);
            synchronized (this) {
                kept.put(key, found);
                underWay.remove(key);
            }
            answer.complete(found);
        } catch (RuntimeException | Error e) {
            synchronized (this) {
                kept.computeIfPresent(
                        key, (_, before) -> new Kept<>(before.value(), before.at(), now));
                underWay.remove(key);
            }
            answer.completeExceptionally(e);
        }
    }

    private Cached<V> result(K key, CompletableFuture<Kept<V>> answer) {
        try {
            var found = answer.join();
            return new Cached<>(found.value(), Cached.Source.MISS, found.at());
        } catch (CompletionException e) {
            if (!(e.getCause() instanceof StorageException failure)) {
                throw e;
            }
            LOG.atDebug().addKeyValue("reason", failure.getMessage()).log("a stale answer serves");
            synchronized (this) {
                var known = kept.get(key);
                if (known != null && isWithin(known.at(), clock.instant(), usable)) {
                    return new Cached<>(known.value(), Cached.Source.STALE, known.at());
                }
            }
            throw failure;
        }
    }

    /// A clock that went back makes nothing last longer.
    private static boolean isWithin(Instant at, Instant now, Duration length) {
        return !now.isBefore(at) && now.isBefore(at.plus(length));
    }

    synchronized int size() {
        return kept.size();
    }
}
