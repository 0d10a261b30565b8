package org.tethral.ingest;

import java.io.IOException;
import java.net.InetSocketAddress;

/// A way in that devices speak and Tethral does not. The extension point for more protocols: a
/// public class with a constructor without arguments, named in
/// `META-INF/services/org.tethral.ingest.ProtocolKind` of a jar on the class path, and opened where
/// the setting `protocols` names it.
///
/// It parses what devices send into [Inbound], hands that to its [Inlet], and gives the device its
/// positive answer when that has returned [Answer.Stored].
public interface ProtocolKind {

    /// As the setting names it: a lower-case word.
    String name();

    /// Opens the listener. Called once, on a thread of its own, when messages are taken. What it
    /// throws is shown by `/health`, and nothing else stops for it.
    ///
    /// @param at port 0: a free one
    Listener open(InetSocketAddress at, Inlet inlet) throws Exception;

    interface Listener extends AutoCloseable {

        int port();

        /// Takes nothing more, and ends its connections.
        @Override
        void close() throws IOException;
    }
}
