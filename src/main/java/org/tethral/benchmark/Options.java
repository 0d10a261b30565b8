package org.tethral.benchmark;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;

/// What is measured, and how large.
///
/// @param scale 1: the sizes of the published figures; less: everything that has a number is
///   smaller in that proportion
/// @param database `sqlite`, or the URL of a PostgreSQL server on which databases can be made,
///   `postgresql://…`
/// @param directory gets files as large as the databases; what is made in it is removed at the end
public record Options(Set<Part> parts, double scale, String database, Path directory, long seed) {

    public enum Part {
        /// What the store alone can take.
        STORE,
        /// What goes in through the wires, start and memory.
        INGEST,
        /// Commands to devices and their answers.
        COMMANDS,
        /// Reads while it goes in, and costs as it grows.
        QUERY,
        /// A large fleet at a glance, and what its indexes give and take.
        FLEET,
        /// How soon what happens is told.
        EVENTS;

        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public Options {
        parts = Set.copyOf(parts);
        if (!(scale > 0 && scale <= 10)) {
            throw new IllegalArgumentException("a scale is above 0, at most 10");
        }
    }

    boolean onSqlite() {
        return database.equals("sqlite");
    }

    /// Too small to mean anything: it only shows that everything is measured.
    boolean tiny() {
        return scale < 0.01;
    }

    /// So often something is read.
    int reads(int published) {
        return tiny() ? 50 : published;
    }

    /// So often something is repeated for its median.
    int times(int published) {
        return scale < 0.1 ? 1 : published;
    }

    /// A number of the published size, scaled.
    long scaled(long published, long least) {
        return Math.max(Math.min(published, least), Math.round(published * scale));
    }
}
