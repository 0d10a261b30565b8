package org.tethral.command;

import java.util.function.Consumer;

/// Between nodes that share a database: says that there is something to see to. A ring may be lost,
/// or come twice: the database is the truth, and whoever misses one finds out by itself a little
/// later.
public interface Doorbell extends AutoCloseable {

    /// Returns at once.
    ///
    /// @param message a few ids, 200 characters at most
    void ring(String node, String message);

    /// What to do when this node is rung, on a thread of the bell; to be said once.
    void answer(Consumer<String> action);

    @Override
    void close();

    /// For a node that is alone.
    Doorbell NONE =
            new Doorbell() {
                @Override
                public void ring(String node, String message) {}

                @Override
                public void answer(Consumer<String> action) {}

                @Override
                public void close() {}
            };
}
