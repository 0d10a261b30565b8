package org.tethral.simulate;

/// Sees a simulation run. Called on its only thread: must return at once.
public interface Watcher {

    Watcher NONE = new Watcher() {};

    /// Several times a second.
    default void progress(long acknowledged) {}

    /// The server acknowledged the report of that number; see [Plan#messageId].
    default void acknowledged(String device, long number) {}
}
