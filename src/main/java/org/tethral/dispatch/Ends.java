package org.tethral.dispatch;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.tethral.command.CommandId;
import org.tethral.command.Doorbell;
import org.tethral.ingest.Fact;
import org.tethral.ingest.Ingest;

/// Who watches a command: told each time one of its dispatches has moved here, or has ended on
/// another node. A watcher may be told for nothing, and, where nodes do not ring each other, late:
/// it reads what is so, and looks by itself every [#LOOK_EVERY].
public final class Ends {

    public static final Duration LOOK_EVERY = Duration.ofSeconds(1);

    static final int WATCHERS_MAX = 10_000;

    private final Map<CommandId, List<Runnable>> watchers = new ConcurrentHashMap<>();
    private final String node;
    private final Doorbell doorbell;

    public Ends(Ingest ingest, String node, Doorbell doorbell) {
        this.node = node;
        this.doorbell = doorbell;
        ingest.listen(this::committed);
    }

    /// Calls the action, on any thread, from now until what is returned is closed. It returns at
    /// once.
    ///
    /// @throws IllegalStateException too many watch already
    public Watch watch(CommandId command, Runnable action) {
        if (watchers.size() >= WATCHERS_MAX) {
            throw new IllegalStateException("too many wait for commands already");
        }
        watchers.compute(
                command,
                (_, some) -> {
                    var all = some == null ? new CopyOnWriteArrayList<Runnable>() : some;
                    all.add(action);
                    return all;
                });
        return () ->
                watchers.computeIfPresent(
                        command,
                        (_, some) -> {
                            some.remove(action);
                            return some.isEmpty() ? null : some;
                        });
    }

    void tell(CommandId command) {
        for (var action : watchers.getOrDefault(command, List.of())) {
            action.run();
        }
    }

    /// On a lane's thread.
    private void committed(List<Fact> facts) {
        for (var fact : facts) {
            if (fact instanceof Fact.DispatchMoved moved) {
                tell(moved.after().command());
                var waitsAt = moved.after().terms().node();
                if (moved.ended() && !waitsAt.equals(node)) {
                    doorbell.ring(waitsAt, Rings.ended(moved.after().command()));
                }
            }
        }
    }
}
