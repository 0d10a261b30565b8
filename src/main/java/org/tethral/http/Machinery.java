package org.tethral.http;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The program itself, as the API tells of it to those who run it.
///
/// @param look asks the database, too: may block for a few seconds
/// @param backUp begins a backup, and returns at once
public record Machinery(Supplier<View> look, Supplier<Begun> backUp) {

    /// @param loads what has a bound, and how full it is
    /// @param counts since the start of this process
    /// @param nodes that share the database, this one included
    public record View(
            About about,
            Store store,
            List<Load> loads,
            List<Breaker> breakers,
            Map<String, Long> counts,
            List<Node> nodes,
            Backups backups) {
        public View {
            loads = List.copyOf(loads);
            breakers = List.copyOf(breakers);
            nodes = List.copyOf(nodes);
        }
    }

    /// @param cpu share of the machine's processors that the process uses, 0 to 1
    public record About(
            String version,
            String node,
            Instant startedAt,
            Instant now,
            String java,
            int processors,
            double cpu) {}

    /// @param bytes null: the engine does not say
    /// @param lastCommitAt of what devices told this node; null: none yet
    public record Store(
            String engine, int schema, @Nullable Long bytes, @Nullable Instant lastCommitAt) {}

    /// @param used of `capacity`; both in `unit`
    public record Load(String name, String unit, double used, double capacity) {}

    /// How many of its circuits are in which state.
    public record Breaker(String name, Map<String, Long> circuits) {}

    /// @param seenAt when it last said that it lives
    public record Node(String name, Instant startedAt, Instant seenAt) {}

    /// @param running one is being made
    /// @param problem why the last one was not made; null: it was, or none was tried
    /// @param files newest first
    public record Backups(
            String folder, boolean running, @Nullable String problem, List<Backup> files) {
        public Backups {
            files = List.copyOf(files);
        }
    }

    public record Backup(String name, long bytes, Instant takenAt) {}

    /// What came of the wish for a backup.
    public sealed interface Begun {
        record Started(String name) implements Begun {}

        record Running() implements Begun {}

        record TooMany(int most) implements Begun {}
    }
}
