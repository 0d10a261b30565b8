package org.tethral.cli;

import java.net.URI;
import java.util.Optional;
import java.util.OptionalInt;

/// The platform, running in this process.
public interface Platform extends AutoCloseable {

    /// All listeners and the database in one line: `ready http=http://127.0.0.1:8080 … in 0.9 s`.
    String readyLine();

    URI http();

    OptionalInt mqttPort();

    OptionalInt coapPort();

    /// A link that signs whoever opens it in as the administrator, once; empty where there is none
    /// to give out.
    Optional<URI> signInLink();

    /// Whether somebody who administers the platform can sign in without a link.
    boolean hasAdministrator();

    /// Takes nothing more, finishes what is acknowledged, ends. May take some seconds; does nothing
    /// the second time.
    @Override
    void close();
}
