package org.tethral.source;

import java.net.URI;
import java.time.InstantSource;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tethral.kernel.Secret;

/// A kind of place from which readings are fetched. The extension point for more of them: a public
/// class with a constructor without arguments, named in
/// `META-INF/services/org.tethral.source.SourceKind` of a jar on the class path. The built-in kind
/// comes in by the same door.
///
/// When to fetch, how often at most, trying again, breaking off, and what is stored once, is the
/// platform's part.
public interface SourceKind {

    /// What the platform lends to a source.
    ///
    /// @param servers where each kind is found, by its name, if that is configured
    record Surroundings(InstantSource clock, Map<String, URI> servers) {
        public Surroundings {
            servers = Map.copyOf(servers);
        }
    }

    /// A lower-case word.
    String name();

    /// Checks the name of a channel and the names of the fields that somebody maps.
    ///
    /// @throws IllegalArgumentException says what is wrong
    void check(String channel, Iterable<String> fields);

    /// Opens the way, for all channels of the kind. Called once.
    Source open(Surroundings surroundings);

    /// The way to a place. Used by many virtual threads at once.
    interface Source extends AutoCloseable {

        /// One call; the caller waits. An exception counts as a failure of the source.
        ///
        /// @param key null: the channel is public
        Fetched fetch(String channel, @Nullable Secret key, Query query)
                throws InterruptedException;

        @Override
        void close();
    }
}
