package org.tethral.command;

import java.time.Instant;
import java.util.Map;

/// The programs that share a database, each under its own name.
public interface Nodes {

    /// Says that this node lives.
    ///
    /// @return how often each node has said so, this one included: a number that does not rise any
    ///   more is a node that died
    Map<String, Long> beat(String node, Instant now);

    /// This node ends, and holds nothing any more.
    void leave(String node);
}
