package org.tethral.dispatch;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.tethral.command.CommandId;
import org.tethral.command.Dispatch;
import org.tethral.command.Doorbell;
import org.tethral.ingest.Fact;
import org.tethral.ingest.Ingest;

/// Who watches a command: told each time one of its dispatches has moved here, or has ended on
/// another node. A watcher may be told for nothing, and, where nodes do not ring each other, not at
/// all: it looks by itself every [#LOOK_EVERY].
public final class Ends {

    /// Told on any thread; returns at once.
    @FunctionalInterface
    public interface Watcher {

        /// @param dispatch as it was just committed here; null: something happened on another node,
        ///   which the database knows
        void moved(@Nullable Dispatch dispatch);
    }

    public static final Duration LOOK_EVERY = Duration.ofSeconds(1);

    static final int WATCHERS_MAX = 10_000;

    private final Map<CommandId, List<Watcher>> watchers = new ConcurrentHashMap<>();
    private final String node;
    private final Doorbell doorbell;

    public Ends(Ingest ingest, String node, Doorbell doorbell) {
        this.node = node;
        this.doorbell = doorbell;
        ingest.listen(this::committed);
    }

    /// Tells the watcher from now on, until what is returned is closed.
    ///
    /// @throws IllegalStateException too many watch already
    public Watch watch(CommandId command, Watcher watcher) {
        if (watchers.size() >= WATCHERS_MAX) {
            throw new IllegalStateException("too many wait for commands already");
        }
        watchers.compute(
                command,
                (_, some) -> {
                    var all = some == null ? new CopyOnWriteArrayList<Watcher>() : some;
                    all.add(watcher);
                    return all;
                });
        return () ->
                watchers.computeIfPresent(
                        command,
                        (_, some) -> {
                            some.remove(watcher);
                            return some.isEmpty() ? null : some;
                        });
    }

    /// It has moved on another node.
    void tell(CommandId command) {
        tell(command, null);
    }

    private void tell(CommandId command, @Nullable Dispatch dispatch) {
        for (var watcher : watchers.getOrDefault(command, List.of())) {
            watcher.moved(dispatch);
        }
    }

    /// On a lane's thread.
    private void committed(List<Fact> facts) {
        for (var fact : facts) {
            if (fact instanceof Fact.DispatchMoved moved) {
                tell(moved.after().command(), moved.after());
                var waitsAt = moved.after().terms().node();
                if (moved.ended() && !waitsAt.equals(node)) {
                    doorbell.ring(waitsAt, Rings.ended(moved.after().command()));
                }
            }
        }
    }
}
